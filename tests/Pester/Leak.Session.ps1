# A session with secrets in it. It uses every cmdlet with everything switched on, against a server that misbehaves, and writes down all that
# could be read of it: Leak.Tests.ps1 runs it in another process, once for each kind of server, and searches what it left behind.
[CmdletBinding()]
param(
    [Parameter(Mandatory)] [string] $Module,
    [Parameter(Mandatory)] [string] $Folder,
    # What goes wrong, as JSON; the secrets come by the environment, as a command line can be read by others.
    [Parameter(Mandatory)] [string] $FaultFile
)

Set-StrictMode -Version Latest
$ErrorActionPreference = 'Continue'
$Error.Clear()
Import-Module $Module -ErrorAction Stop
$faults = @(Get-Content -LiteralPath $FaultFile -Raw | ConvertFrom-Json -AsHashtable)
$key = [Net.NetworkCredential]::new('', $env:LEAK_KEY).SecurePassword
$hook = "https://hooks.example/in?sig=$env:LEAK_HOOK"
$upload = "https://bucket.example/a.jpg?X-Signature=$env:LEAK_UPLOAD"
$loud = @{ Verbose = $true; Debug = $true; InformationAction = 'Continue' }
$pictures = Join-Path $Folder pictures
$journal = Join-Path $Folder journal.db

# What later cmdlets need of earlier ones.
$images = @()
$tasks = @()
$sent = @()
$nothing = [guid]'3f0c1d5e-8a55-4f1c-9d6b-0a3c5e7f9b21'

# One line or block for each cmdlet, in an order in which each finds what it needs. Leak.Tests.ps1 fails where one is missing.
$uses = [ordered]@{
    'Start-RunwareSandbox'   = { ($script:sandbox = Start-RunwareSandbox -Fault $faults @loud); Start-RunwareSandbox -Port $sandbox.Port @loud }
    'Connect-Runware'        = {
        Connect-Runware $key -Endpoint "http://nowhere.example/v1?token=$env:LEAK_HOOK" @loud
        Connect-Runware $key -Endpoint $sandbox.Endpoint -Journal "postgresql://role:$env:LEAK_KEY@127.0.0.1:1/db" @loud
        Connect-Runware $key -Endpoint "$($sandbox.Endpoint)?token=$env:LEAK_HOOK" -JournalPath $journal -MaxRetryCount 0 -TimeoutSec 5 -PassThru @loud
    }
    'Get-RunwareConnection'  = { Get-RunwareConnection @loud }
    'Initialize-RunwareJournal' = {
        Initialize-RunwareJournal "postgresql://127.0.0.1:1/db?password=$env:LEAK_KEY" @loud
        Initialize-RunwareJournal postgresql://127.0.0.1:1/db -JournalCredential ([pscredential]::new('role', $key)) -Confirm:$false @loud
    }
    'Import-RunwareJournal'  = { Import-RunwareJournal $FaultFile -Confirm:$false @loud }
    'Start-RunwareWebhook'   = {
        $script:webhook = Start-RunwareWebhook -PublicUri "https://hooks.example/in?sig=$env:LEAK_HOOK" @loud # its Url is the one place
        "$webhook"; $webhook | Out-String; $webhook | Format-List | Out-String
        Start-RunwareWebhook -Port $sandbox.Port -PublicUri "https://hooks.example/in?sig=$env:LEAK_HOOK" @loud
        Start-RunwareWebhook -PublicUri "ftp://hooks.example/in?sig=$env:LEAK_HOOK" @loud
    }
    'Test-RunwareConnection' = { Test-RunwareConnection @loud; Test-RunwareConnection -Quiet @loud }
    'Get-RunwareModel'       = { Get-RunwareModel openai:* @loud; Get-RunwareModel no:such@1 @loud }
    'New-RunwareImage'       = {
        ($script:images = @(New-RunwareImage 'a hook' -WebhookUrl $hook @loud))
        New-RunwareImage 'an upload' -UploadEndpoint $upload @loud
        New-RunwareImage 'two hooks' -WebhookUrl $hook -UploadEndpoint $upload -Count 2 @loud # refused: one address for two results
        New-RunwareImage 'a price' -WebhookUrl $hook -WhatIf @loud
        New-RunwareImage 'no address' -WebhookUrl "ftp://hooks.example/in?sig=$env:LEAK_HOOK" @loud
        ($script:tasks = @(New-RunwareImage 'later' -Async -WebhookUrl $hook @loud))
        New-RunwareImage 'a reference' -ReferenceImage ([byte[]] [IO.File]::ReadAllBytes((Join-Path $Folder reference.png))) @loud
        [pscustomobject]@{ positivePrompt = 'a row'; numberResults = 'abc' } | New-RunwareImage @loud
        New-RunwareImage 'a key where none belongs' -AdditionalParameter @{ apiKey = $env:LEAK_KEY; seed = 'x' } @loud
    }
    'Invoke-RunwareTask'     = {
        Invoke-RunwareTask videoInference a:1@1 -Parameter @{ positivePrompt = 'a hook'; webhookURL = $hook } @loud
        Invoke-RunwareTask audioInference a:1@1 -Parameter @{ uploadEndpoint = $upload; numberResults = 2 } @loud # refused: one address for two results
        Invoke-RunwareTask accountManagement -Parameter @{ operation = 'getDetails' } -Raw @loud
    }
    'New-RunwareVideo'       = {
        New-RunwareVideo 'a film' -Model klingai:kling-video@2.6-pro -Duration 5 -FirstFrame (Join-Path $Folder reference.png) -WebhookUrl $hook @loud
    }
    'New-RunwareAudio'       = { New-RunwareAudio 'a greeting' -Model inworld:tts@2 -Voice Dennis -UploadEndpoint $upload @loud }
    'New-RunwareText'        = {
        New-RunwareText 'a poem' -Model deepseek:v4@flash -WebhookUrl $hook @loud
        New-RunwareText 'a stream' -Model deepseek:v4@flash -Stream @loud
    }
    'Convert-RunwareMedia'   = {
        Get-Item -LiteralPath (Join-Path $Folder reference.png) | Convert-RunwareMedia -Operation Upscale -Model runware:503@1 -Factor 2 -WebhookUrl $hook @loud
    }
    'Send-RunwareMedia'      = {
        ($script:sent = @(Send-RunwareMedia (Join-Path $Folder reference.png) @loud))
        Send-RunwareMedia -Url https://pictures.example/a.png @loud
    }
    'Remove-RunwareMedia'    = { $sent | Remove-RunwareMedia -Confirm:$false @loud; Remove-RunwareMedia $nothing -Confirm:$false @loud }
    'Find-RunwareModel'      = { Find-RunwareModel style -First 2 @loud }
    'Update-RunwareModel'    = { Update-RunwareModel openai:1@1, no:such@1 @loud }
    'Get-RunwareUsage'       = { Get-RunwareUsage @loud; Get-RunwareUsage -Kind Error @loud }
    'Get-RunwareTask'        = { Get-RunwareTask @loud; $tasks | Get-RunwareTask @loud; Get-RunwareTask $nothing @loud }
    'Wait-RunwareTask'       = { $tasks + $nothing | Wait-RunwareTask -TimeoutSec 1 @loud }
    'Receive-RunwareTask'    = { $tasks + $nothing | Receive-RunwareTask @loud }
    'Save-RunwareImage'      = {
        $images | Save-RunwareImage -Path $pictures -Sidecar @loud
        $images | Save-RunwareImage -Path $pictures -PassThru @loud
        [pscustomobject]@{ ImageUrl = "$($sandbox.Endpoint)/no-picture.jpg" } | Save-RunwareImage -Path $pictures @loud
    }
    'Save-RunwareMedia'      = { $images | Save-RunwareMedia -Path $pictures -FileName 'media {Index}' -Sidecar @loud }
    'Get-RunwareImageInfo'   = { Get-ChildItem -Path $pictures -ErrorAction Ignore | Get-RunwareImageInfo @loud; Get-RunwareImageInfo $FaultFile @loud }
    'Show-RunwareImage'      = { $images | Show-RunwareImage @loud; Show-RunwareImage (Join-Path $Folder reference.png), $FaultFile @loud }
    'Export-RunwareGallery'  = {
        $images + $tasks | Export-RunwareGallery (Join-Path $pictures embedded.html) -Embed @loud
        $images + @(Get-RunwareTask) | Export-RunwareGallery (Join-Path $pictures linked.html) -PassThru @loud
    }
    'ConvertFrom-RunwareWebhook' = {
        "{""taskUUID"":""$nothing"",""imageURL"":""http://hooks.example/a.jpg?sig=$env:LEAK_HOOK""}" | ConvertFrom-RunwareWebhook @loud
        "{""imageURL"":""http://hooks.example/a.jpg?sig=$env:LEAK_HOOK""}" | ConvertFrom-RunwareWebhook @loud
    }
    'Stop-RunwareWebhook'    = { $webhook | Stop-RunwareWebhook @loud }
    'Get-RunwareSpend'       = { Get-RunwareSpend @loud }
    'Resume-RunwareTask'     = { Resume-RunwareTask -WhatIf @loud; Resume-RunwareTask @loud }
    'Remove-RunwareTask'     = { Remove-RunwareTask $nothing -WhatIf @loud; Get-RunwareTask | Remove-RunwareTask -Confirm:$false @loud }
    'Stop-RunwareSandbox'    = { Stop-RunwareSandbox @loud; Test-RunwareConnection @loud; New-RunwareImage 'too late' @loud }
    'Disconnect-Runware'     = { Disconnect-Runware @loud }
}

# All that can be read of an object. What the engine itself keeps of a call, its parameters as they were given, is the caller's own.
filter Show-Everything {
    "$_"
    $_ | Format-List * -Force | Out-String -Width 4000
    if ($_ -is [Management.Automation.ErrorRecord]) {
        $_.Exception.ToString()
        $_.Exception, $_.TargetObject | Format-List * -Force | Out-String -Width 4000
    }
    # Files are the engine's own objects, and drag their whole disk along.
    if ($_ -isnot [Management.Automation.InformationalRecord] -and $_ -isnot [Management.Automation.InformationRecord] -and $_ -isnot [IO.FileInfo]) {
        $value = $_ -is [Management.Automation.ErrorRecord] ? $_.TargetObject : $_
        ConvertTo-Json $value -Depth 5 -WarningAction SilentlyContinue
        [Management.Automation.PSSerializer]::Serialize($value, 6)
    }
}

$null = Start-Transcript -LiteralPath (Join-Path $Folder transcript.txt)
$said = foreach ($name in $uses.Keys) {
    $records = @()
    . $uses[$name] *>&1 | Tee-Object -Variable records | Out-Host
    $records | Show-Everything
}
$null = Stop-Transcript
@($said) + @($Error | Show-Everything) | Set-Content -LiteralPath (Join-Path $Folder said.txt)
@($uses.Keys) | Set-Content -LiteralPath (Join-Path $Folder used.txt)
