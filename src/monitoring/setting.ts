/** How other monitoring reaches the bot, and the bot reaches it. */
export interface MonitoringSetting {
  /** null: the bot listens nowhere. Port 0 takes a free one. */
  readonly listen: { readonly host: string; readonly port: number } | null;
  /** The secret of `POST /alerts`; null: no alerts are taken. */
  readonly alertsSecret: string | null;
  /** Each Alertmanager gets every alert: they don't hand alerts on to each other. */
  readonly alertmanagers: readonly string[];
}
