# What people write without any module.
$body = {
    ConvertTo-Json -Compress -InputObject @(
        @{
            taskType       = 'imageInference'
            taskUUID       = [guid]::NewGuid()
            model          = 'openai:1@1'
            positivePrompt = $args[0]
            width          = 1024
            height         = 1024
            includeCost    = $true
        }
    )
}
$state = @{}

@{
    connect  = {
        param($job)
        $state.endpoint = $job.endpoint
        @{ ms = 0; made = 0 }
    }
    calls    = {
        param($job)
        $made = 0
        $watch = [Diagnostics.Stopwatch]::StartNew()
        for ($i = 0; $i -lt $job.count; $i++) {
            $reply = Invoke-RestMethod $state.endpoint -Method Post -ContentType application/json -Body (& $body 'a red tram')
            if ($reply.data[0].imageURL) {
                $made++
            }
        }
        @{ ms = $watch.Elapsed.TotalMilliseconds; made = $made }
    }
    batch    = {
        param($job)
        $endpoint = $state.endpoint
        $watch = [Diagnostics.Stopwatch]::StartNew()
        $made = (1..$job.count |
                ForEach-Object { (Invoke-RestMethod $endpoint -Method Post -ContentType application/json -Body (& $body "a red tram, number $_")).data } |
                Measure-Object).Count
        @{ ms = $watch.Elapsed.TotalMilliseconds; made = $made }
    }
    csv      = {
        param($job)
        $endpoint = $state.endpoint
        $file = Join-Path $job.folder 'prompts.csv'
        1..$job.count | ForEach-Object { [pscustomobject]@{ Prompt = "a red tram, number $_"; Width = 1024; Height = 1024; Tag = 'csv' } } | Export-Csv $file
        $watch = [Diagnostics.Stopwatch]::StartNew()
        $made = (Import-Csv $file |
                ForEach-Object { (Invoke-RestMethod $endpoint -Method Post -ContentType application/json -Body (& $body $_.Prompt)).data } |
                Measure-Object).Count
        @{ ms = $watch.Elapsed.TotalMilliseconds; made = $made }
    }
    parallel = {
        param($job)
        $endpoint = $state.endpoint
        $text = "$body"
        $watch = [Diagnostics.Stopwatch]::StartNew()
        $made = (1..$job.count |
                ForEach-Object -ThrottleLimit $job.throttle -Parallel {
                    $body = [scriptblock]::Create($using:text)
                    (Invoke-RestMethod $using:endpoint -Method Post -ContentType application/json -Body (& $body "a red tram, number $_")).data
                } |
                Measure-Object).Count
        @{ ms = $watch.Elapsed.TotalMilliseconds; made = $made }
    }
}
