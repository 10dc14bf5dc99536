<#
.SYNOPSIS
    Generates three images on the sandbox and saves them. You don't need an API key, and nothing is charged.
.EXAMPLE
    ./samples/first-image.ps1 -Path ./pictures
#>
[CmdletBinding()]
param(
    # The folder of the images.
    [string] $Path = (Join-Path $PWD 'pictures'),

    # The module, if it isn't installed.
    [string] $Module = 'RunwarePS'
)

Set-StrictMode -Version Latest
$ErrorActionPreference = 'Stop'

Import-Module $Module
Connect-Runware -Sandbox
try {
    $prompts = @(
        'a red tram in the rain'
        'a lighthouse keeper reading a letter, gouache'
        'an orange cat asleep on a warm terminal'
    )
    $images = $prompts | New-RunwareImage -Size Landscape -Quality high
    $images | Save-RunwareImage -Path $Path -FileName '{InputIndex}-{Prompt}' -PassThru -Force |
        ForEach-Object { '{0}x{1}  {2} USD  {3}' -f $_.Width, $_.Height, $_.Cost.ToString([cultureinfo]::InvariantCulture), $_.Path }
}
finally {
    Disconnect-Runware
}
