# Run by the engine that RUNWAREPS_PWSH names. Any other program can't print this line.
if ($PSVersionTable.PSVersion -ge [version] '7.4') { 'PowerShell 7.4 or newer' }
