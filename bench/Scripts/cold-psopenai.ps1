# The same work with PSOpenAI on the OpenAI route of the same server.
[CmdletBinding()]
param(
    [string] $Module,
    [string] $Endpoint,
    [string] $Folder
)

Import-Module $Module
$file = Join-Path $Folder 'tram.jpg'
Request-ImageGeneration 'a red tram' -Size 1024x1024 -ApiBase $Endpoint -ApiKey bench -OutFile $file
Get-Item $file
