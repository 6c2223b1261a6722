// How npm is started.

export const NPM = process.platform === 'win32' ? 'npm.cmd' : 'npm'
