export const copied = (text: string): string => text;
