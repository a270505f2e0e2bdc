/** A test that is in the middle of something, and takes no notice of whoever asks it to end. */
process.on('SIGTERM', () => {})
setTimeout(() => {}, 30_000)
