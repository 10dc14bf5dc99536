<#
.SYNOPSIS
    Kills a batch at random moments, resumes it, and counts: every task generated exactly once, every picture on disk.
.DESCRIPTION
    The sandbox lives in this process and keeps its own record of what it generated. The batch runs in a child that is killed without
    warning. All rounds share one journal. Writes one object with what was found; nothing lost and nothing doubled is a pass.
.EXAMPLE
    ./tests/Campaign/kill.ps1 -Module ./out/RunwarePS -Kill 5 -Count 50
#>
[CmdletBinding()]
param(
    [Parameter(Mandatory)] [string] $Module,
    # How many times a batch is killed.
    [int] $Kill = 5,
    # How many tasks a batch has.
    [int] $Count = 50,
    # The same seed kills at the same moments.
    [int] $Seed = (Get-Random -Maximum 1000000)
)

Set-StrictMode -Version Latest
$ErrorActionPreference = 'Stop'
Import-Module $Module, ([IO.Path]::Combine($PSScriptRoot, '..', '..', 'build', 'Engine', 'Engine.psm1'))
$random = [System.Random]::new($Seed)
$work = New-Item -ItemType Directory -Path (Join-Path ([System.IO.Path]::GetTempPath()) "runware-campaign-$([guid]::NewGuid().ToString('N'))")
$pictures = Join-Path $work 'pictures'
$journal = Join-Path $work 'journal.db'
$sandbox = Start-RunwareSandbox -Latency 0.15
try {
    Connect-Runware -Endpoint $sandbox.Endpoint -JournalPath $journal -JournalRequired
    $reference = New-RunwareImage 'a reference' | Save-RunwareImage -Path $work
    $killed = 0
    foreach ($round in 1..$Kill) {
        $start = Get-EngineStartInfo -Argument '-File', (Join-Path $PSScriptRoot 'batch.ps1'), '-Module', $Module, '-Endpoint', $sandbox.Endpoint,
            '-Journal', $journal, '-Picture', $reference.FullName, '-Path', $pictures, '-Name', "round $round", '-Count', $Count
        $before = $sandbox.Generation.Count
        $child = [System.Diagnostics.Process]::Start($start)
        # Not while it starts, where there is nothing to lose: from its first task on, at any moment of its work.
        while (-not $child.HasExited -and $sandbox.Generation.Count -eq $before) { Start-Sleep -Milliseconds 5 }
        $longest = $Count * 20
        Start-Sleep -Milliseconds $random.Next(0, $longest)
        if (-not $child.HasExited) { $child.Kill($true); $killed++ }
        $child.WaitForExit()
        # Below a shim, as of the .NET tool, the engine is a grandchild: it's killed too, and ends a moment later.
        Start-Sleep -Milliseconds 500
        Resume-RunwareTask -Confirm:$false | Receive-RunwareTask -Wait | Save-RunwareImage -Path $pictures | Out-Null
    }

    $tasks = @(Get-RunwareTask)
    $generated = @($sandbox.Generation | Group-Object TaskUuid)
    $byId = @{}
    foreach ($group in $generated) { $byId[[guid] $group.Name] = $group.Count }
    $files = @{}
    Get-ChildItem -LiteralPath $pictures, $work -File | ForEach-Object { $files[$_.BaseName] = $true }
    $missing = @(foreach ($task in $tasks) { foreach ($index in 0..($task.Expected - 1)) { $name = "$($task.TaskUuid)-$index"; if (-not $files[$name]) { $name } } })
    [pscustomobject]@{
        Seed            = $Seed
        Killed          = $killed
        Task            = $tasks.Count
        Lost            = @($tasks | Where-Object { -not $byId[$_.TaskUuid] }).Count
        Doubled         = @($generated | Where-Object Count -gt 1).Count
        BoughtTwice     = @($tasks | Group-Object Prompt | Where-Object Count -gt 1).Count
        Unbooked        = @($generated | Where-Object { [guid] $_.Name -notin $tasks.TaskUuid }).Count
        PictureExpected = ($tasks | Measure-Object Expected -Sum).Sum
        PictureMissing  = $missing.Count
        HalfFile        = @(Get-ChildItem -LiteralPath $pictures -Force -Filter '*.part').Count
    }
}
finally {
    Disconnect-Runware
    Stop-RunwareSandbox $sandbox
    Remove-Item -LiteralPath $work -Recurse -Force
}
