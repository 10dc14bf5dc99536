# Objects that cross processes. RUNWAREPS_MODULE names the module's folder or manifest.

BeforeAll {
    $module = $env:RUNWAREPS_MODULE ? $env:RUNWAREPS_MODULE : [IO.Path]::Combine($PSScriptRoot, '..', '..', 'out', 'RunwarePS')
    $script:staged = Convert-Path -LiteralPath $module
    Import-Module $staged -ErrorAction Stop
    $script:sandbox = Start-RunwareSandbox
    Connect-Runware -Endpoint $sandbox.Endpoint
    $script:endpoint = $sandbox.Endpoint
    $script:journal = Join-Path $TestDrive 'job.db'
}

AfterAll {
    Disconnect-Runware
    Stop-RunwareSandbox
}

Describe 'Start-Job' {
    BeforeAll {
        $script:images = Start-Job {
            Import-Module $using:staged
            Connect-Runware -Endpoint $using:endpoint -JournalPath $using:journal
            New-RunwareImage 'a lighthouse' -OutputFormat PNG -Tag job
            New-RunwareImage 'a pier' -OutputType base64Data
            New-RunwareImage 'a buoy' -OutputType dataURI -OutputFormat WEBP
        } | Receive-Job -Wait -AutoRemoveJob
    }

    It 'gives images that know what they are' {
        $images.Count | Should -Be 3
        $images[0].PSObject.TypeNames | Should -Contain 'Deserialized.RunwarePS.RunwareImage'
        $images.Prompt | Should -Be 'a lighthouse', 'a pier', 'a buoy'
        $images[0].Cost | Should -BeOfType decimal
        $images[0].TaskUuid | Should -BeOfType guid
        $images[0].Tag | Should -Be 'job'
    }

    It 'gives images that are saved, by address and by data' {
        $files = $images | Save-RunwareImage -Path (Join-Path $TestDrive saved)

        $files.Extension | Sort-Object | Should -Be '.jpg', '.png', '.webp'
        ($files | Measure-Object Length -Minimum).Minimum | Should -BeGreaterThan 100
    }

    It 'gives images whose tasks can be asked for' {
        ($images | Get-RunwareTask).Status | Should -Be 'Succeeded', 'Succeeded', 'Succeeded'
    }

    It 'takes images that were made here' {
        $folder = Join-Path $TestDrive 'by job'
        $images = New-RunwareImage 'a ferry' -OutputType base64Data -Count 2
        $names = Start-Job {
            Import-Module $using:staged
            $args[0] | Save-RunwareImage -Path $using:folder | ForEach-Object Name
        } -ArgumentList @(, $images) | Receive-Job -Wait -AutoRemoveJob

        @($names).Count | Should -Be 2
        Get-ChildItem -LiteralPath $folder | Should -HaveCount 2
    }
}

Describe 'Parallel work in one process' {
    It '<Name> uses the connection of the process and not the environment' -ForEach @(
        @{ Name = 'ForEach-Object -Parallel'; Work = { 1..3 | ForEach-Object -Parallel { Import-Module $using:staged; New-RunwareImage "a wave $_" } } }
        @{ Name = 'Start-ThreadJob'; Work = { 1..3 | ForEach-Object { Start-ThreadJob { Import-Module $using:staged; New-RunwareImage "a wave $using:_" } } | Receive-Job -Wait -AutoRemoveJob } }
    ) {
        $keptKey, $keptEndpoint = $env:RUNWARE_API_KEY, $env:RUNWARE_BASE_URL
        $env:RUNWARE_API_KEY = 'fake'
        $env:RUNWARE_BASE_URL = 'https://nobody.invalid/v1'
        try {
            $before = $sandbox.Generation.Count
            & $Work | Should -HaveCount 3
            $sandbox.Generation.Count - $before | Should -Be 3
        }
        finally {
            $env:RUNWARE_API_KEY, $env:RUNWARE_BASE_URL = $keptKey, $keptEndpoint
        }
    }
}
