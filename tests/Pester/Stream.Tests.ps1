# The Verbose and Debug streams in a session that can't ask: each prompt would be an error. RUNWAREPS_MODULE names the module's folder or manifest.

BeforeAll {
    $module = $env:RUNWAREPS_MODULE ? $env:RUNWAREPS_MODULE : [IO.Path]::Combine($PSScriptRoot, '..', '..', 'out', 'RunwarePS')
    Import-Module $module -ErrorAction Stop
    $script:sandbox = Start-RunwareSandbox
    Connect-Runware -Endpoint $sandbox.Endpoint
    $script:image = New-RunwareImage 'a fox'
}

AfterAll {
    Disconnect-Runware
    Stop-RunwareSandbox
}

Describe 'With -Debug' {
    It '<Name> asks nothing' -ForEach @(
        @{ Name = 'Connect-Runware'; Run = { Connect-Runware -Endpoint $sandbox.Endpoint -Debug } }
        @{ Name = 'Test-RunwareConnection'; Run = { Test-RunwareConnection -Debug } }
        @{ Name = 'New-RunwareImage'; Run = { New-RunwareImage 'a hen' -Debug } }
        @{ Name = 'New-RunwareImage -Async'; Run = { New-RunwareImage 'a hen' -Async -Debug } }
        @{ Name = 'Get-RunwareTask'; Run = { Get-RunwareTask $image.TaskUuid -Debug } }
        @{ Name = 'Wait-RunwareTask'; Run = { New-RunwareImage 'a hen' -Async | Wait-RunwareTask -Debug } }
        @{ Name = 'Receive-RunwareTask'; Run = { New-RunwareImage 'a hen' -Async | Receive-RunwareTask -Wait -Debug } }
        @{ Name = 'Resume-RunwareTask'; Run = { Resume-RunwareTask -Debug } }
        @{ Name = 'Save-RunwareImage'; Run = { $image | Save-RunwareImage -Path $TestDrive -Debug } }
        @{ Name = 'Export-RunwareGallery'; Run = { $image | Export-RunwareGallery -Path (Join-Path $TestDrive page.html) -Debug } }
        @{ Name = 'Test-RunwareConnection -Quiet of a server that is down'; Run = {
                Connect-Runware -Endpoint http://127.0.0.1:1/v1 -MaxRetryCount 0
                try { Test-RunwareConnection -Quiet -Debug } finally { Connect-Runware -Endpoint $sandbox.Endpoint }
            }
        }
    ) {
        { & $Run 4>$null 5>$null } | Should -Not -Throw
    }

    It 'the line of a request is a debug message, beside the body' {
        $written = New-RunwareImage 'a hen' -Debug 4>&1 5>&1
        $written | Where-Object { $_ -is [Management.Automation.VerboseRecord] } | Should -BeNullOrEmpty
        $debug = @($written | Where-Object { $_ -is [Management.Automation.DebugRecord] })
        $debug -match '^POST ' | Should -HaveCount 1
        $debug -match 'positivePrompt' | Should -HaveCount 1
    }

    It 'and -Verbose the line stays a verbose message' {
        $written = New-RunwareImage 'a hen' -Debug -Verbose 4>&1 5>&1
        @($written | Where-Object { $_ -is [Management.Automation.VerboseRecord] }) -match '^POST ' | Should -HaveCount 1
        @($written | Where-Object { $_ -is [Management.Automation.DebugRecord] }) -match '^POST ' | Should -BeNullOrEmpty
    }
}
