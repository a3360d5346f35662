/** The names that ssh2 knows. Its package has no types for this file. */
declare module "ssh2/lib/protocol/constants.js" {
  const constants: { readonly SUPPORTED_SERVER_HOST_KEY: string[] };
  export = constants;
}
