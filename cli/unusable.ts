const reasons: Readonly<Record<string, string>> = {
  EACCES: 'this user may not',
  EPERM: 'this user may not',
  EROFS: 'the file system is read-only',
  ENOTDIR: 'a part of the path is a file',
  EEXIST: 'there is a file of that name',
  EISDIR: 'it is a folder',
};

/** Why a folder or file that a user named cannot be used, by the system's code; `undefined` for other codes. */
export function whyUnusable(code: string | undefined): string | undefined {
  return code === undefined ? undefined : reasons[code];
}
