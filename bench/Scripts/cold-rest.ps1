# The same work and output without a module: one request, one download, no record of either.
[CmdletBinding()]
param(
    [string] $Endpoint,
    [string] $Folder
)

$body = ConvertTo-Json -Compress -InputObject @(
    @{
        taskType       = 'imageInference'
        taskUUID       = [guid]::NewGuid()
        model          = 'openai:1@1'
        positivePrompt = 'a red tram'
        width          = 1024
        height         = 1024
        includeCost    = $true
    }
)
$reply = Invoke-RestMethod $Endpoint -Method Post -ContentType application/json -Body $body
$file = Join-Path $Folder "$($reply.data[0].imageUUID).jpg"
Invoke-WebRequest $reply.data[0].imageURL -OutFile $file
Get-Item $file
