<#
.SYNOPSIS
    Resumes the tasks of a session that ended unexpectedly: gets the results that were paid for, sends the tasks that the API didn't receive,
    and saves the images.
.DESCRIPTION
    The script reads the journal of the connection of the session, or of the key in RUNWARE_API_KEY. Specify the -Path and
    -FileName of the script that ended, so that existing files are recognized. You can run it repeatedly.
.EXAMPLE
    ./samples/resume.ps1 -Path ./pictures
#>
[CmdletBinding()]
param(
    # The folder of the images.
    [string] $Path = (Join-Path $PWD 'pictures'),

    # The names of the files.
    [string] $FileName = '{TaskUuid}-{Index}',

    # The module, if it isn't installed.
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
    throw "Tasks in progress: $($open.Count). Run this script again later."
}
