<#
.SYNOPSIS
    Runs workers with one PostgreSQL journal under faults, and counts: every task bought once, booked once, saved, and within the cap.
.DESCRIPTION
    The sandbox and the faulty network run in this process; the workers are child processes that are killed and started again. All of
    them either work on the same list (Same), or each on a list of its own under one cap of half the price (Cap). New lists begin until
    all faults have happened. Writes one object with what was found; zeros from Lost on are a pass.
.EXAMPLE
    ./tests/Campaign/fleet.ps1 -Module ./out/RunwarePS -Count 200 -Kill 5 -Restart 2 -Reset 2 -BlackHole 1 -Suspend 0
#>
[CmdletBinding()]
[Diagnostics.CodeAnalysis.SuppressMessageAttribute('PSUseShouldProcessForStateChangingFunctions', '', Scope = 'Function', Target = '*')]
param(
    [Parameter(Mandatory)] [string] $Module,
    [ValidateSet('Same', 'Cap')] [string] $Mode = 'Same',
    [int] $Worker = 4,
    # How many tasks a list has.
    [int] $Count = 1000,
    # How many workers are killed without warning.
    [int] $Kill = 40,
    # How often the server is restarted as after a crash.
    [int] $Restart = 5,
    # How often all connections to the server are cut.
    [int] $Reset = 10,
    # How often nothing gets through to the server for one to seven seconds.
    [int] $BlackHole = 5,
    # How many workers stop for longer than their lease, and wake up.
    [int] $Suspend = 3,
    # The same seed makes the same faults.
    [int] $Seed = (Get-Random -Maximum 1000000)
)

Set-StrictMode -Version Latest
$ErrorActionPreference = 'Stop'
Import-Module $Module, (Join-Path $PSScriptRoot 'Cluster.psm1'), ([IO.Path]::Combine($PSScriptRoot, '..', '..', 'build', 'Engine', 'Engine.psm1'))
Add-Type -Path (Join-Path $PSScriptRoot 'FaultyProxy.cs')
$random = [System.Random]::new($Seed)
$price = 0.167 # of one image in high quality, as in the catalog
$longest = [timespan]::FromMinutes(20) # a list that takes longer counts as a hang
$grace = [timespan]::FromSeconds(1) # what a worker has before a fault: less than the shortest list takes, or a fast computer never gets to one
$work = New-Item -ItemType Directory -Path (Join-Path ([System.IO.Path]::GetTempPath()) "runware-fleet-$([guid]::NewGuid().ToString('N'))")
if ($IsLinux) { chmod 755 $work }
$cluster = New-Cluster -Path (Join-Path $work 'cluster') -Port (Get-ServerPort)
$proxy = [RunwarePS.Campaign.FaultyProxy]::new('127.0.0.1', $cluster.Port, (Get-ServerPort))
$sandbox = Start-RunwareSandbox -Latency 0.5
$direct = "postgresql://owner@127.0.0.1:$($cluster.Port)/postgres"
$cap = if ($Mode -eq 'Cap') { [decimal] ($Worker * $Count * $price / 2) } else { 0 } # of each round

function Start-Worker($Seat) {
    $argument = '-File', (Join-Path $PSScriptRoot 'worker.ps1'), '-Module', $Module, '-Endpoint', $sandbox.Endpoint,
        '-Journal', "postgresql://owner@127.0.0.1:$($proxy.Port)/postgres", '-Path', $Seat.Path, '-Name', $Seat.Name, '-Count', $Count,
        '-MaxCost', ($round * $cap).ToString([cultureinfo]::InvariantCulture)
    $start = Get-EngineStartInfo -Argument $argument
    $start.RedirectStandardOutput = $true
    $Seat.Process = [System.Diagnostics.Process]::Start($start)
    $Seat.Output = $Seat.Process.StandardOutput.ReadToEndAsync()
    $Seat.Since = [datetime]::UtcNow
}

# What happens to the fleet, in random order.
$faults = [System.Collections.Generic.Queue[string]]::new([string[]] @(
        @('Kill') * $Kill + @('Restart') * $Restart + @('Reset') * $Reset + @('BlackHole') * $BlackHole + @('Suspend') * $Suspend |
            Sort-Object { $random.Next() }))
$happened = @{ Kill = 0; Restart = 0; Reset = 0; BlackHole = 0; Suspend = 0 }
$hangs = $reruns = $round = 0
$asleep = @()
$watch = [System.Diagnostics.Stopwatch]::StartNew()
try {
    do {
        $round++
        $seats = @(foreach ($number in 1..$Worker) {
                $name = if ($Mode -eq 'Same') { "round $round" } else { "round $round, worker $number" }
                [pscustomobject]@{ Name = $name; Path = Join-Path $work "round $round, worker $number"; Process = $null; Output = $null; Since = $null; Done = $false }
            })
        $seats | ForEach-Object { Start-Worker $_ }
        $began = [datetime]::UtcNow
        $next = [datetime]::UtcNow + $grace
        while ($seats.Done -contains $false) {
            Start-Sleep -Milliseconds 100
            foreach ($sleeper in @($asleep | Where-Object Until -LT ([datetime]::UtcNow))) {
                kill -CONT $sleeper.Id 2>$null
                $asleep = @($asleep | Where-Object Id -NE $sleeper.Id)
            }

            foreach ($seat in $seats | Where-Object { -not $_.Done -and $_.Process.HasExited }) {
                $text = $seat.Output.Result.Trim()
                if ($seat.Process.ExitCode -eq 0) {
                    $seat.Done = $true
                }
                else {
                    $reruns++
                    if ($text) { Write-Verbose "$($seat.Name): $text" }
                    Start-Worker $seat
                }
            }

            if ([datetime]::UtcNow - $began -gt $longest) {
                $hangs += @($seats | Where-Object { -not $_.Done }).Count
                $seats | Where-Object { -not $_.Done } | ForEach-Object { $_.Process.Kill($true); $_.Done = $true }
            }

            if ($faults.Count -eq 0 -or [datetime]::UtcNow -lt $next) { continue }
            $next = [datetime]::UtcNow.AddMilliseconds($random.Next(500, 2500))
            $running = @($seats | Where-Object { -not $_.Done -and $_.Process.Id -notin @($asleep | ForEach-Object Id) -and [datetime]::UtcNow - $_.Since -gt $grace })
            if ($running.Count -eq 0) { continue }
            $seat = $running[$random.Next($running.Count)]
            $fault = $faults.Dequeue()
            $happened[$fault]++
            Write-Verbose "$([int] $watch.Elapsed.TotalSeconds) s: $fault"
            switch ($fault) {
                'Kill' { $seat.Process.Kill($true); $seat.Process.WaitForExit(); Start-Worker $seat }
                'Restart' { Restart-Cluster $cluster }
                'Reset' { $proxy.Reset() }
                'BlackHole' { $proxy.Hold(); Start-Sleep -Milliseconds $random.Next(1000, 7000); $proxy.Release() }
                'Suspend' { kill -STOP $seat.Process.Id; $asleep += [pscustomobject]@{ Id = $seat.Process.Id; Until = [datetime]::UtcNow.AddSeconds(65) } }
            }
        }
    } while ($faults.Count -gt 0 -and $hangs -eq 0 -and $watch.Elapsed -lt $longest)

    # What killed workers left is resumed here, as on any other machine.
    Connect-Runware -Endpoint $sandbox.Endpoint -Journal $direct
    Start-Sleep -Seconds 1
    $open = [int] (Invoke-Sql $cluster 'SELECT count(*) FROM runware.task WHERE completed_at IS NULL')
    Resume-RunwareTask -Confirm:$false -Wait | Out-Null
    $tasks = @(Get-RunwareTask)
    $bought = @{}
    foreach ($generation in $sandbox.Generation) { $bought[[guid] $generation.TaskUuid] = 1 + $bought[[guid] $generation.TaskUuid] }
    $booked = [System.Collections.Generic.HashSet[guid]]::new([guid[]] @($tasks.TaskUuid))
    $charged = ($sandbox.Generation | Measure-Object Cost -Sum).Sum
    $files = if ($Mode -eq 'Same') { @($seats | ForEach-Object { $Count - @(Get-ChildItem -LiteralPath $_.Path -File).Count }) } else { 0 }
    [pscustomobject]@{
        Mode          = $Mode
        Seed          = $Seed
        Seconds       = [int] $watch.Elapsed.TotalSeconds
        Round         = $round
        Task          = $tasks.Count
        Request       = @($sandbox.Request | Where-Object TaskType -EQ imageInference).Count
        Kill          = $happened.Kill
        Restart       = $happened.Restart
        Reset         = $happened.Reset
        BlackHole     = $happened.BlackHole
        Suspend       = $happened.Suspend
        Rerun         = $reruns
        OpenAtEnd     = $open
        Lost          = @($tasks | Where-Object { $_.Status -eq 'Succeeded' -and -not $bought[$_.TaskUuid] }).Count
        Doubled       = @($bought.Values | Where-Object { $_ -gt 1 }).Count
        Unbooked      = @($bought.Keys | Where-Object { -not $booked.Contains($_) }).Count
        Unsettled     = @($tasks | Where-Object { $_.Status -ne 'Succeeded' }).Count
        LedgerDrift   = [decimal] (Invoke-Sql $cluster 'SELECT (SELECT sum(charge) FROM runware.day_spend) - (SELECT sum(charge) FROM runware.task)')
        OverCap       = if ($cap -gt 0) { [math]::Max(0, [decimal] $charged - $round * $cap) } else { 0 }
        StillHeld     = [int] (Invoke-Sql $cluster 'SELECT count(*) FROM runware.task WHERE owner IS NOT NULL')
        FileMissing   = ($files | Measure-Object -Sum).Sum
        HalfFile      = @(Get-ChildItem -LiteralPath $work -Recurse -Force -Filter '*.part').Count
        Hang          = $hangs
    }
}
finally {
    $seats | Where-Object { $_.Process -and -not $_.Process.HasExited } | ForEach-Object { kill -CONT $_.Process.Id 2>$null; $_.Process.Kill($true) }
    Disconnect-Runware
    Stop-RunwareSandbox $sandbox
    $proxy.Dispose()
    Stop-Cluster $cluster
    Remove-Item -LiteralPath $work -Recurse -Force
}
