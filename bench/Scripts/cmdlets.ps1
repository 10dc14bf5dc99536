# What a user would write, with a stopwatch around it.
function Get-Prompt([int] $Count) {
    foreach ($i in 1..$Count) {
        "a red tram, number $i"
    }
}

@{
    connect  = {
        param($job)
        Connect-Runware -Endpoint $job.endpoint -Journal $job.journal
        @{ ms = 0; made = 0 }
    }
    calls    = {
        param($job)
        $made = 0
        $watch = [Diagnostics.Stopwatch]::StartNew()
        for ($i = 0; $i -lt $job.count; $i++) {
            $image = New-RunwareImage 'a red tram'
            if ($image.ImageUrl) {
                $made++
            }
        }
        @{ ms = $watch.Elapsed.TotalMilliseconds; made = $made }
    }
    idle     = {
        param($job)
        $watch = [Diagnostics.Stopwatch]::StartNew()
        for ($i = 0; $i -lt $job.count; $i++) {
            $null = Get-RunwareModel openai:1@1
        }
        @{ ms = $watch.Elapsed.TotalMilliseconds; made = $job.count }
    }
    batch    = {
        param($job)
        $prompts = Get-Prompt $job.count
        $watch = [Diagnostics.Stopwatch]::StartNew()
        $made = ($prompts | New-RunwareImage -ThrottleLimit $job.throttle | Measure-Object).Count
        @{ ms = $watch.Elapsed.TotalMilliseconds; made = $made }
    }
    csv      = {
        param($job)
        $file = Join-Path $job.folder 'prompts.csv'
        Get-Prompt $job.count | ForEach-Object { [pscustomobject]@{ Prompt = $_; Width = 1024; Height = 1024; Tag = 'csv' } } | Export-Csv $file
        $watch = [Diagnostics.Stopwatch]::StartNew()
        $made = (Import-Csv $file | New-RunwareImage -ThrottleLimit $job.throttle | Measure-Object).Count
        @{ ms = $watch.Elapsed.TotalMilliseconds; made = $made }
    }
    async    = {
        param($job)
        $prompts = Get-Prompt $job.count
        $watch = [Diagnostics.Stopwatch]::StartNew()
        $tasks = $prompts | New-RunwareImage -Async -ThrottleLimit $job.throttle
        $made = ($tasks | Receive-RunwareTask -Wait | Measure-Object).Count
        @{ ms = $watch.Elapsed.TotalMilliseconds; made = $made }
    }
    save     = {
        param($job)
        $prompts = Get-Prompt $job.count
        $watch = [Diagnostics.Stopwatch]::StartNew()
        $made = ($prompts |
                New-RunwareImage -OutputType Base64Data -ThrottleLimit $job.throttle |
                Save-RunwareImage -Path $job.folder -ThrottleLimit $job.throttle |
                Measure-Object).Count
        @{ ms = $watch.Elapsed.TotalMilliseconds; made = $made }
    }
    stream   = {
        param($job)
        $latency = [Collections.Generic.List[double]]::new()
        $made = 0
        for ($i = 0; $i -lt $job.count; $i++) {
            New-RunwareText 'a story about a tram' -Model deepseek:v4@flash -Stream | ForEach-Object {
                $now = ([datetime]::UtcNow - [datetime]::UnixEpoch).TotalMilliseconds
                if ($_ -is [RunwarePS.RunwareTextDelta]) {
                    $latency.Add($now - [double]::Parse($_.Text, [cultureinfo]::InvariantCulture))
                }
                else {
                    $made++
                }
            }
        }
        $sorted = $latency | Sort-Object
        @{ ms = $sorted[[int][math]::Floor($sorted.Count / 2)]; made = $made; detail = @($latency[0], $sorted[-1]) }
    }
    video    = {
        param($job)
        $watch = [Diagnostics.Stopwatch]::StartNew()
        $made = (Get-Prompt $job.count |
                New-RunwareVideo -Model klingai:kling-video@2.6-pro -Size 1920x1080 -Duration 5 |
                Save-RunwareMedia -Path $job.folder |
                Measure-Object).Count
        @{ ms = $watch.Elapsed.TotalMilliseconds; made = $made }
    }
    film     = {
        param($job)
        $videos = Get-Prompt $job.count | New-RunwareVideo -Model klingai:kling-video@2.6-pro -Size 1920x1080 -Duration 5
        [GC]::Collect()
        $before = [Environment]::WorkingSet
        $watch = [Diagnostics.Stopwatch]::StartNew()
        $made = ($videos | Save-RunwareMedia -Path $job.folder | Measure-Object).Count
        @{ ms = $watch.Elapsed.TotalMilliseconds; made = $made; detail = @(([Diagnostics.Process]::GetCurrentProcess().PeakWorkingSet64 - $before) / 1MB) }
    }
    read     = {
        # The first time, the engine compiles.
        $id = (Get-RunwareTask -Newest 1).TaskUuid
        $ways = @(
            { Get-RunwareTask -Pending }
            { Get-RunwareTask -Newest 10 }
            { Get-RunwareTask -Tag batch-0 | Select-Object -First 100 }
            { Get-RunwareTask $id }
            { Get-RunwareTask | Select-Object -First 1 }
        )
        $detail = foreach ($way in $ways) {
            $null = & $way
            $times = foreach ($i in 1..5) {
                $watch = [Diagnostics.Stopwatch]::StartNew()
                $null = & $way
                $watch.Elapsed.TotalMilliseconds
            }
            ($times | Sort-Object)[2]
        }
        @{ ms = ($detail | Measure-Object -Sum).Sum; made = 1; detail = $detail }
    }
    resume   = {
        $watch = [Diagnostics.Stopwatch]::StartNew()
        $null = Resume-RunwareTask -Confirm:$false
        @{ ms = $watch.Elapsed.TotalMilliseconds; made = 1 }
    }
    list     = {
        $null = Get-RunwareTask -Newest 1
        [GC]::Collect()
        $before = [Environment]::WorkingSet
        $max = 0
        $made = 0
        $watch = [Diagnostics.Stopwatch]::StartNew()
        Get-RunwareTask | ForEach-Object {
            if (++$made % 20000 -eq 0) {
                $max = [math]::Max($max, [Environment]::WorkingSet)
            }
        }
        @{ ms = $watch.Elapsed.TotalMilliseconds; made = $made; detail = @([math]::Max(0, $max - $before) / 1MB) }
    }
    download = {
        param($job)
        $images = Get-Prompt $job.count | New-RunwareImage -ThrottleLimit $job.throttle
        $watch = [Diagnostics.Stopwatch]::StartNew()
        $made = ($images | Save-RunwareImage -Path $job.folder -ThrottleLimit $job.throttle | Measure-Object).Count
        @{ ms = $watch.Elapsed.TotalMilliseconds; made = $made }
    }
}
