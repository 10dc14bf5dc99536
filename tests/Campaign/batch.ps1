<#
.SYNOPSIS
    The batch that is killed: tasks with and without pictures, made and saved, in one pipeline.
#>
[CmdletBinding()]
param(
    [Parameter(Mandatory)] [string] $Module,
    [Parameter(Mandatory)] [uri] $Endpoint,
    [Parameter(Mandatory)] [string] $Journal,
    [Parameter(Mandatory)] [string] $Picture,
    [Parameter(Mandatory)] [string] $Path,
    [Parameter(Mandatory)] [string] $Name,
    [int] $Count = 50
)

Set-StrictMode -Version Latest
$ErrorActionPreference = 'Stop'
Import-Module $Module
Connect-Runware -Endpoint $Endpoint -JournalPath $Journal
$bytes = [System.IO.File]::ReadAllBytes($Picture)
1..$Count | ForEach-Object {
    $row = @{ Prompt = "$Name, picture $_"; Tag = $Name }
    switch ($_ % 5) {
        1 { $row.ReferenceImage = $Picture }
        2 { $row.ReferenceImage = , $bytes }
        3 { $row.NumberResults = 2 }
        4 { $row.OutputType = 'base64Data' }
    }
    [pscustomobject] $row
} | New-RunwareImage -ThrottleLimit 8 | Save-RunwareImage -Path $Path -ThrottleLimit 4 | Out-Null
