# The scripts of samples/, each run as its reader runs it: in a PowerShell of its own, against a sandbox. RUNWAREPS_MODULE names the
# module's folder or manifest.

BeforeAll {
    Import-Module ([IO.Path]::Combine($PSScriptRoot, '..', '..', 'build', 'Engine', 'Engine.psm1'))
    $module = $env:RUNWAREPS_MODULE ? $env:RUNWAREPS_MODULE : [IO.Path]::Combine($PSScriptRoot, '..', '..', 'out', 'RunwarePS')
    $script:staged = Convert-Path -LiteralPath $module
    $script:samples = Convert-Path -LiteralPath ([IO.Path]::Combine($PSScriptRoot, '..', '..', 'samples'))
    Import-Module $staged -ErrorAction Stop
    $script:variables = 'RUNWARE_API_KEY', 'RUNWARE_BASE_URL', 'RUNWARE_JOURNAL_PATH'
    $script:kept = @{}
    foreach ($variable in $variables) {
        $script:kept[$variable] = [Environment]::GetEnvironmentVariable($variable)
    }

    # Starts a sample in the test's folder; the process is the caller's to wait for.
    function Start-Sample([string] $Name, [string[]] $Argument = @(), [string] $Before) {
        $path = Join-Path $samples $Name
        $quoted = @($Argument) + @('-Module', $staged) | ForEach-Object { $_ -like '-*' ? $_ : "'$($_ -replace "'", "''")'" }
        $start = Get-EngineStartInfo -Argument '-Command', "$Before; & '$path' $quoted; exit 0"
        $start.WorkingDirectory = $folder
        $start.RedirectStandardOutput = $start.RedirectStandardError = $true
        [Diagnostics.Process]::Start($start)
    }

    # Runs it to its end.
    function Invoke-Sample([string] $Name, [string[]] $Argument = @(), [string] $Before) {
        $process = Start-Sample -Name $Name -Argument $Argument -Before $Before
        $errors = $process.StandardError.ReadToEndAsync()
        $output = $process.StandardOutput.ReadToEnd()
        $process.WaitForExit()
        [pscustomobject] @{ ExitCode = $process.ExitCode; Text = $output + $errors.Result }
    }

    # Its pictures, wherever it put them.
    function Get-Picture { @(Get-ChildItem -LiteralPath $folder -Recurse -Include *.jpg, *.png, *.webp) }
}

AfterAll {
    Stop-RunwareSandbox
    foreach ($variable in $variables) {
        [Environment]::SetEnvironmentVariable($variable, $kept[$variable])
    }
}

Describe 'samples/<_>' -ForEach 'csv-batch.ps1', 'first-image.ps1', 'gallery.ps1', 'resume.ps1', 'runbook.ps1' {
    It 'has a synopsis and an example' {
        $help = Get-Help (Join-Path $samples $_)
        $help.Synopsis.Trim() | Should -Not -BeNullOrEmpty
        $help.examples.example.code | Should -BeLike "*$_*"
    }
}

Describe 'Samples' {
    BeforeEach {
        $script:folder = Convert-Path -LiteralPath (New-Item (Join-Path $TestDrive ([guid]::NewGuid())) -ItemType Directory)
        $script:sandbox = Start-RunwareSandbox -Latency 0.1
        $env:RUNWARE_BASE_URL = $sandbox.Endpoint
        $env:RUNWARE_API_KEY = 'made-up-key'
        $env:RUNWARE_JOURNAL_PATH = Join-Path $folder 'journal.db'
    }

    It 'are all named above' {
        (Get-ChildItem $samples -Filter *.ps1).Name | Should -Be 'csv-batch.ps1', 'first-image.ps1', 'gallery.ps1', 'resume.ps1', 'runbook.ps1'
    }

    It 'first-image makes three pictures on a sandbox of its own' {
        (Invoke-Sample first-image.ps1).ExitCode | Should -Be 0
        (Get-Picture).Count | Should -Be 3
        $sandbox.Request.Count | Should -Be 0
    }

    It 'csv-batch makes what it can, says what is wrong, and buys only the rest when it runs again' {
        $csv = Join-Path $folder 'prompts.csv'
        "Prompt,Size`na boat,Square`na plane,Huge`na train," | Set-Content -LiteralPath $csv

        $first = Invoke-Sample csv-batch.ps1 $csv
        $first.ExitCode | Should -Be 1
        $first.Text | Should -BeLike '*Images missing: 1.*failed.csv*'
        (Get-Picture).Count | Should -Be 2
        $failed = Import-Csv (Join-Path $folder 'failed.csv')
        $failed.Prompt, $failed.Id | Should -Be 'a plane', 'ParameterOutOfRange'

        (Get-Content -LiteralPath $csv) -replace 'Huge', 'Landscape' | Set-Content -LiteralPath $csv
        $second = Invoke-Sample csv-batch.ps1 $csv
        $second.ExitCode | Should -Be 0 -Because $second.Text
        (Get-Picture).Count | Should -Be 3
        $sandbox.Generation.Count | Should -Be 3
    }

    It 'csv-batch keeps its list of failures for every kind of row' {
        $csv = Join-Path $folder 'prompts.csv'
        'positivePrompt,width,height,seed', ',,,', 'a boat,abc,1024,', '  ,,,', 'a plane,,,7', ',1024,1024,', 'a train,1024,1024,', ',,,', ' , ,,' |
            Set-Content -LiteralPath $csv

        $run = Invoke-Sample csv-batch.ps1 $csv
        $run.ExitCode | Should -Be 1
        $run.Text | Should -BeLike '*Images missing: 3.*failed.csv*'
        (Get-Picture).Count | Should -Be 1
        $failed = Import-Csv (Join-Path $folder 'failed.csv')
        $failed.InputIndex | Should -Be 0, 1, 2
        $failed.Prompt | Should -Be 'a boat', 'a plane', ''
        $failed.Id | Should -Be 'ParameterUnreadable', 'ParameterOutOfRange', 'PromptMissing'
    }

    It 'gallery shows what was made and what failed' {
        $csv = Join-Path $folder 'prompts.csv'
        'Prompt', 'a boat', 'a plane', 'half a train' | Set-Content -LiteralPath $csv
        $env:RUNWARE_BASE_URL = (Start-RunwareSandbox -Fault @{ Kind = 'PartialFailure'; Match = 'half' }).Endpoint

        $run = Invoke-Sample gallery.ps1 $csv
        $run.ExitCode | Should -Be 0 -Because $run.Text
        (Get-Picture).Count | Should -Be 2
        $page = Get-Content -LiteralPath ([IO.Path]::Combine($folder, 'pictures', 'index.html')) -Raw
        [regex]::Matches($page, '<article\b').Count | Should -Be 3
        $page | Should -Match 'invalidProviderContent'
        foreach ($picture in Get-Picture) {
            $page | Should -Match ([regex]::Escape([uri]::EscapeDataString($picture.Name))) -Because 'the page links what lies beside it'
        }
    }

    It 'runbook buys each picture once, however often it runs' {
        foreach ($run in 1, 2) {
            (Invoke-Sample runbook.ps1 '-Run', 'monday').ExitCode | Should -Be 0
            Remove-Item -LiteralPath $env:RUNWARE_JOURNAL_PATH # as a cloud job loses it
        }
        $sandbox.Generation.Count | Should -Be 2
        (Get-Picture).Directory.Name | Should -Be 'monday', 'monday'
    }

    It 'runbook takes its key from the credential asset where there is one' {
        $env:RUNWARE_API_KEY = $null
        $asset = "function Get-AutomationPSCredential([string] `$Name) { [pscredential]::new(`$Name, (ConvertTo-SecureString 'made-up-key' -AsPlainText -Force)) }"
        (Invoke-Sample runbook.ps1 -Before $asset).ExitCode | Should -Be 0
        $sandbox.Request | Where-Object { $_.TaskType -eq 'imageInference' -and -not $_.HasAuthorization } | Should -BeNullOrEmpty
        (Get-Picture).Count | Should -Be 2
    }

    It 'runbook fails when a picture is missing' {
        (Invoke-Sample runbook.ps1 '-MaxCost', '0.2').ExitCode | Should -Be 1
        (Get-Picture).Count | Should -Be 1
    }

    It 'resume brings back what a killed batch left behind' {
        $csv = Join-Path $folder 'prompts.csv'
        @('Prompt') + (1..30).ForEach({ "picture $_" }) | Set-Content -LiteralPath $csv
        $batch = Start-Sample csv-batch.ps1 $csv, '-MaxCost', '20'
        $deadline = [datetime]::UtcNow.AddSeconds(60)
        while ($sandbox.Generation.Count -lt 7 -and -not $batch.HasExited -and [datetime]::UtcNow -lt $deadline) {
            Start-Sleep -Milliseconds 5
        }
        $batch.HasExited | Should -BeFalse
        $batch.Kill($true)
        $batch.WaitForExit()
        $saved = (Get-Picture).Count

        $resumed = Invoke-Sample resume.ps1
        $resumed.ExitCode | Should -Be 0 -Because $resumed.Text
        $made = @($sandbox.Generation)
        $made.Count | Should -BeGreaterThan $saved -Because 'it was killed with work in flight'
        @($made.TaskUuid | Select-Object -Unique).Count | Should -Be $made.Count
        (Get-Picture).BaseName | Sort-Object | Should -Be ($made.TaskUuid | ForEach-Object { "$_-0" } | Sort-Object)
    }
}
