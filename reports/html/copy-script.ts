/** Gives every replay command a button that copies it. Without JavaScript, a click on the command selects it whole. */
export const copyScript = `
for (const command of document.querySelectorAll('.command')) {
  if (!navigator.clipboard) break
  const button = document.createElement('button')
  button.type = 'button'
  button.textContent = 'Copy'
  button.addEventListener('click', async () => {
    await navigator.clipboard.writeText(command.querySelector('code').textContent)
    button.textContent = 'Copied'
  })
  command.append(button)
}
`
