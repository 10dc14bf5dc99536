# Any task, bought once, with the same media on the wire: also where the session is killed.

Describe 'A task of another type than an image' {
    BeforeAll {
        Import-Module $env:RUNWAREPS_MODULE, ([IO.Path]::Combine($PSScriptRoot, '..', '..', 'build', 'Engine', 'Engine.psm1'))

        # What a session that is killed does: a video between two frames that are files on this machine.
        $script:child = Join-Path $TestDrive 'child.ps1'
        Set-Content -LiteralPath $child -Value @'
param($Module, $Endpoint, $Journal, $First, $Last)
Import-Module $Module
Connect-Runware -Endpoint $Endpoint -JournalPath $Journal -MaxRetryCount 5
Invoke-RunwareTask videoInference a:1@1 -Tag film -Parameter @{
    positivePrompt = 'the sun rises'
    duration       = 5
    inputs         = @{ frameImages = @{ image = Get-Item -LiteralPath $First; frame = 'first' }, @{ image = Get-Item -LiteralPath $Last; frame = 'last' } }
    settings       = @{ anywhere = [IO.File]::ReadAllBytes($First) }
}
'@

        function Get-Sent { @($sandbox.Request | Where-Object TaskType -Contains 'videoInference' | ForEach-Object { ($_.Body | ConvertFrom-Json -Depth 9)[0] }) }
    }

    AfterEach {
        Disconnect-Runware
        Stop-RunwareSandbox
    }

    It 'that is killed <When> is resumed, made once, and has the same media' -ForEach @(
        @{ When = 'after its acceptance'; Fault = @{ Kind = 'Stall'; Times = 1; TaskType = 'videoInference' }; Made = 1 }
        @{ When = 'while it is polled'; Fault = @{ Kind = 'Stall'; Times = 1; TaskType = 'getResponse' }; Made = 1 }
        @{ When = 'before its acceptance'; Fault = @{ Kind = 'Status'; StatusCode = 503; RetryAfter = 60; Times = 1; TaskType = 'videoInference' }; Made = 0 }
    ) {
        $script:sandbox = Start-RunwareSandbox -Fault $Fault
        $journal = Join-Path $TestDrive "$([guid]::NewGuid().ToString('N')).db"
        Connect-Runware -Endpoint $sandbox.Endpoint
        $frames = @('dawn', 'noon' | New-RunwareImage -OutputFormat PNG | Save-RunwareImage -Path (Join-Path $TestDrive frames) -FileName '{Prompt}' -Force)
        $paid = $sandbox.Generation.Count
        $polls = $Fault.TaskType -eq 'getResponse'

        $start = Get-EngineStartInfo -Argument '-File', $child, '-Module', $env:RUNWAREPS_MODULE, '-Endpoint', $sandbox.Endpoint, '-Journal', $journal,
            '-First', $frames[0].FullName, '-Last', $frames[1].FullName
        $process = [System.Diagnostics.Process]::Start($start)
        $deadline = [datetime]::UtcNow.AddSeconds(60)
        while (-not $process.HasExited -and [datetime]::UtcNow -lt $deadline -and
            -not ($sandbox.Request | Where-Object TaskType -Contains ($polls ? 'getResponse' : 'videoInference'))) { Start-Sleep -Milliseconds 10 }
        $process.HasExited | Should -BeFalse -Because 'it was to be killed in the middle of its work'
        if (-not $polls) { Start-Sleep -Milliseconds 300 } # the answer, if there is one, is there
        $process.Kill($true)
        $process.WaitForExit()
        $sandbox.Generation.Count - $paid | Should -Be $Made

        Connect-Runware -Endpoint $sandbox.Endpoint -JournalPath $journal
        $frames | Remove-Item # what is sent again comes from the journal
        $deadline = [datetime]::UtcNow.AddSeconds(10) # the .NET tool starts the engine as a child, which ends a moment after it
        do { $task = Resume-RunwareTask -Wait } until ($task -or [datetime]::UtcNow -gt $deadline)
        $task.Status | Should -Be 'Succeeded'
        $task.TaskType | Should -Be 'videoInference'
        $video = $task | Receive-RunwareTask
        $video | Should -BeOfType ([RunwarePS.RunwareVideo])
        $video.Tag | Should -Be 'film'

        $sandbox.Generation.Count - $paid | Should -Be 1
        $sent = Get-Sent
        $sent.taskUUID | Sort-Object -Unique | Should -HaveCount 1
        $sent.Count | Should -Be ($polls ? 1 : 2)
        foreach ($body in $sent) {
            $body.inputs.frameImages.frame | Should -Be 'first', 'last'
            $body.inputs.frameImages.image | Should -Be $sent[0].inputs.frameImages.image
            $body.settings.anywhere | Should -Be $sent[0].inputs.frameImages[0].image
            [Convert]::FromBase64String($body.inputs.frameImages[1].image)[1..3] | Should -Be ([byte[]][char[]] 'PNG')
        }
        (Get-RunwareSpend).Count | Should -Be 1
    }
}
