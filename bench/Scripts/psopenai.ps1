# PSOpenAI, whose module the session has imported.
$state = @{}

@{
    connect = {
        param($job)
        $state.endpoint = $job.endpoint
        @{ ms = 0; made = 0 }
    }
    calls   = {
        param($job)
        $made = 0
        $watch = [Diagnostics.Stopwatch]::StartNew()
        for ($i = 0; $i -lt $job.count; $i++) {
            $reply = Request-ImageGeneration 'a red tram' -Size 1024x1024 -ApiBase $state.endpoint -ApiKey bench
            if ($reply.data[0].b64_json) {
                $made++
            }
        }
        @{ ms = $watch.Elapsed.TotalMilliseconds; made = $made }
    }
}
