# A whole script as a user would write it, from the start of the process to the saved image.
[CmdletBinding()]
param(
    [string] $Module,
    [string] $Endpoint,
    [string] $Journal,
    [string] $Folder
)

Import-Module $Module
Connect-Runware -Endpoint $Endpoint -JournalPath $Journal
New-RunwareImage 'a red tram' | Save-RunwareImage -Path $Folder
