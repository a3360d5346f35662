import { backUpBeginning, backUpFrom, listKeptFiles, restoreBytes } from "../../../src/host/backup.ts";
import { readBlankness } from "../../../src/host/cmp.ts";
import { backUpSignatures, canBackUpSignatures, listSignatures, wipeSignatures } from "../../../src/host/wipefs.ts";
import { DEVICE, type Family, WWID } from "./family.ts";

/** The content of a LUN, and its backup. */
export const signatures: Family = {
  reads: [canBackUpSignatures, listKeptFiles(WWID), listSignatures(DEVICE), readBlankness(DEVICE)],
  changes: [
    [
      backUpBeginning(DEVICE, "/root/b"),
      `dd if=${DEVICE} of=/root/b/beginning.bin bs=1M count=2 conv=fsync status=none`,
    ],
    [
      backUpFrom(1048576, DEVICE, "/root/b"),
      `dd if=${DEVICE} of=/root/b/byte-1048576.bin bs=4096 count=1 iflag=skip_bytes skip=1048576 conv=fsync status=none`,
    ],
    [backUpSignatures(DEVICE, "/root/b"), `env HOME=/root/b wipefs --all --no-act --backup -- ${DEVICE}`],
  ],
  destroying: [
    [
      restoreBytes("/root/b/beginning.bin", DEVICE, 536),
      `dd if=/root/b/beginning.bin of=${DEVICE} bs=1M oflag=seek_bytes seek=536 conv=nocreat,notrunc,fsync status=none`,
    ],
    [wipeSignatures(DEVICE), `wipefs --all -- ${DEVICE}`],
  ],
};
