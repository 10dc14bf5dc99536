# One import in a fresh process.
[CmdletBinding()]
param([string] $Module)

$watch = [Diagnostics.Stopwatch]::StartNew()
if ($Module) {
    Import-Module $Module
}

$watch.Elapsed.TotalMilliseconds.ToString([cultureinfo]::InvariantCulture)
