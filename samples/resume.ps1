<#
.SYNOPSIS
    Brings back what a killed session left behind: fetches what was paid for, sends what never arrived, and saves it all.
.DESCRIPTION
    It reads the journal of this machine, for the connection of the session or the key in RUNWARE_API_KEY. Give the -Path and -FileName of
    the script that was killed, so that files which are there already are recognised. It can be run as often as you like.
.EXAMPLE
    ./samples/resume.ps1 -Path ./pictures
#>
[CmdletBinding()]
param(
    # Where the pictures go.
    [string] $Path = (Join-Path $PWD 'pictures'),

    # How they are named.
    [string] $FileName = '{TaskUuid}-{Index}',

    # The module, where it is not installed.
    [string] $Module = 'RunwarePS'
)

Set-StrictMode -Version Latest
$ErrorActionPreference = 'Stop'

Import-Module $Module
Resume-RunwareTask -ErrorAction Continue |
    Receive-RunwareTask -Wait -ErrorAction Continue |
    Save-RunwareImage -Path $Path -FileName $FileName -ErrorAction Continue

$open = @(Get-RunwareTask -Pending)
if ($open) {
    throw "Tasks still open: $($open.Count). Run this again later."
}
