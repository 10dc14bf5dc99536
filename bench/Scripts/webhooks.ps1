# Measures asynchronous tasks with and without a webhook receiver, on a sandbox of this process: the time from the last submit to the last
# result, and all requests. The way lost loses each call. For example: pwsh -NoProfile -File bench/Scripts/webhooks.ps1 -Module out/RunwarePS
[CmdletBinding()]
param(
    [string] $Module = (Join-Path $PSScriptRoot '../../out/RunwarePS'),
    [int] $Count = 500,
    [double] $Latency = 2,
    [int] $Repetitions = 3,
    [string[]] $Way = ('webhook', 'lost', 'none')
)

$ErrorActionPreference = 'Stop'
Import-Module $Module
$prompts = 1..$Count | ForEach-Object { "picture $_" }
foreach ($kind in $Way) {
    foreach ($run in 1..$Repetitions) {
        $fault = $kind -eq 'lost' ? @(@{ Kind = 'WebhookLost' }) : @()
        $sandbox = Start-RunwareSandbox -Latency $Latency -Fault $fault
        Connect-Runware -Endpoint $sandbox.Endpoint -JournalPath (Join-Path ([IO.Path]::GetTempPath()) "$([guid]::NewGuid()).db")
        if ($kind -ne 'none') {
            $null = Start-RunwareWebhook
        }
        $tasks = $prompts | New-RunwareImage -Async -Quality low
        $submitted = $sandbox.Request[-1].At
        $received = @($tasks | Receive-RunwareTask -Wait).Count
        $seconds = ([datetime]::UtcNow - $submitted).TotalSeconds
        [pscustomobject]@{
            Way      = $kind
            Received = $received
            Seconds  = [math]::Round($seconds, 2)
            Share    = [math]::Round($seconds / $Latency, 2)
            Submits  = @($sandbox.Request | Where-Object { $_.TaskType[0] -eq 'imageInference' }).Count
            Polls    = @($sandbox.Request | Where-Object { $_.TaskType[0] -eq 'getResponse' }).Count
            Calls    = @($sandbox.Delivery | Where-Object StatusCode -EQ 200).Count
        }
        Disconnect-Runware
        $sandbox | Stop-RunwareSandbox
    }
}
