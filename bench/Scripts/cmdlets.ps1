# What a user would write, with a stopwatch around it.
function Get-Prompt([int] $Count) {
    foreach ($i in 1..$Count) {
        "a red tram, number $i"
    }
}

@{
    connect  = {
        param($job)
        Connect-Runware -Endpoint $job.endpoint -JournalPath $job.journal
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
            $null = Get-RunwareConnection
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
    download = {
        param($job)
        $images = Get-Prompt $job.count | New-RunwareImage -ThrottleLimit $job.throttle
        $watch = [Diagnostics.Stopwatch]::StartNew()
        $made = ($images | Save-RunwareImage -Path $job.folder -ThrottleLimit $job.throttle | Measure-Object).Count
        @{ ms = $watch.Elapsed.TotalMilliseconds; made = $made }
    }
}
