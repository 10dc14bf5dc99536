# Connections and the sandbox, as a script uses them. RUNWAREPS_MODULE names the module's folder or manifest.

BeforeAll {
    $module = $env:RUNWAREPS_MODULE ? $env:RUNWAREPS_MODULE : [IO.Path]::Combine($PSScriptRoot, '..', '..', 'out', 'RunwarePS')
    Import-Module $module -ErrorAction Stop
    $script:kept = @{}
    foreach ($variable in 'RUNWARE_API_KEY', 'RUNWARE_BASE_URL') {
        $script:kept[$variable] = [Environment]::GetEnvironmentVariable($variable)
        [Environment]::SetEnvironmentVariable($variable, $null)
    }
}

AfterAll {
    foreach ($variable in $script:kept.Keys) {
        [Environment]::SetEnvironmentVariable($variable, $script:kept[$variable])
    }
}

Describe 'Connect-Runware -Sandbox' {
    BeforeAll {
        $script:connection = Connect-Runware -Sandbox -PassThru
    }

    AfterAll {
        Disconnect-Runware
    }

    It 'connects to a server on loopback, without a key' {
        $connection.IsSandbox | Should -BeTrue
        $connection.Endpoint.IsLoopback | Should -BeTrue
        $connection.KeySource | Should -Be 'None'
    }

    It 'is what Get-RunwareConnection shows' {
        (Get-RunwareConnection).Endpoint | Should -Be $connection.Endpoint
    }

    It 'passes the test of the connection' {
        $test = Test-RunwareConnection
        $test.Endpoint | Should -Be $connection.Endpoint
        $test.LatencyMs | Should -BeGreaterThan 0
        $test.Balance | Should -BeOfType decimal
        Test-RunwareConnection -Quiet | Should -BeTrue
    }

    It 'writes nothing unless asked' {
        Connect-Runware -Sandbox | Should -BeNullOrEmpty
        Disconnect-Runware | Should -BeNullOrEmpty
    }
}

Describe 'Without a connection' {
    BeforeAll {
        Disconnect-Runware
    }

    It 'tells the three ways to give a key' {
        $failure = { New-RunwareImage 'a kettle' -ErrorAction Stop } | Should -Throw -ErrorId 'ApiKeyMissing,*' -PassThru
        foreach ($way in '-ApiKey', '-Credential', 'RUNWARE_API_KEY') {
            "$failure" | Should -BeLike "*$way*"
        }
    }

    It 'answers false to a quiet test, and no error' {
        Test-RunwareConnection -Quiet -ErrorAction Stop | Should -BeFalse
    }

    It 'refuses plain http to another machine' {
        $key = [Net.NetworkCredential]::new('', 'a-key-for-tests').SecurePassword
        { Connect-Runware $key -Endpoint 'http://example.invalid/v1' } | Should -Throw -ErrorId 'EndpointInsecure,*'
    }
}

Describe 'A key from a vault' {
    BeforeAll {
        $script:secret = 'secret-of-the-vault'
        $vault = Import-Module (Join-Path $PSScriptRoot 'FakeVault.psm1') -PassThru -Force
        $key = ConvertTo-SecureString $secret -AsPlainText -Force
        & $vault { param($Key) Set-Secret Runware -Secret $Key; Set-Secret Login -Secret ([pscredential]::new('runware', $Key)) } $key
        $script:sandbox = Start-RunwareSandbox
    }

    AfterEach {
        Disconnect-Runware
    }

    AfterAll {
        Stop-RunwareSandbox
        Remove-Module FakeVault
    }

    It 'is taken as the vault gives it' {
        FakeVault\Get-Secret Runware | Should -BeOfType securestring
        (Connect-Runware -ApiKey (FakeVault\Get-Secret Runware) -Endpoint $sandbox.Endpoint -PassThru).KeySource | Should -Be 'Parameter'
        Test-RunwareConnection -Quiet | Should -BeTrue
        $sandbox.Request[-1].HasAuthorization | Should -BeTrue
    }

    It 'is taken as a credential' {
        (Connect-Runware -Credential (FakeVault\Get-Secret Login) -Endpoint $sandbox.Endpoint -PassThru).KeySource | Should -Be 'Parameter'
        Test-RunwareConnection -Quiet | Should -BeTrue
        $sandbox.Request[-1].HasAuthorization | Should -BeTrue
    }

    It 'is refused as plain text, without a word of it' {
        $failure = { Connect-Runware -ApiKey (FakeVault\Get-Secret Runware -AsPlainText) } | Should -Throw '*SecureString*' -ErrorId 'ParameterArgumentTransformationError*' -PassThru
        $failure | Format-List * -Force | Out-String | Should -Not -Match $secret
    }

    It 'that is not there never lets the key of the environment in' {
        $env:RUNWARE_API_KEY = 'of-another-account'
        try {
            { Connect-Runware -ApiKey (FakeVault\Get-Secret Nothing -ErrorAction Ignore) -Endpoint $sandbox.Endpoint } | Should -Throw -ErrorId 'ParameterArgumentValidationError*'
        }
        finally {
            $env:RUNWARE_API_KEY = $null
        }
    }

    It 'that is not there ends the line where errors stop' {
        { Connect-Runware -ApiKey (FakeVault\Get-Secret Nothing -ErrorAction Stop) } | Should -Throw '*Nothing was not found*'
        Get-RunwareConnection -ErrorAction Ignore | Should -BeNullOrEmpty
    }
}

Describe 'Start-RunwareSandbox' {
    AfterEach {
        Disconnect-Runware
        Stop-RunwareSandbox
    }

    It 'shows what it received' {
        $sandbox = Start-RunwareSandbox
        Connect-Runware -Endpoint $sandbox.Endpoint
        New-RunwareImage 'a kettle' | Out-Null

        $sandbox.Port | Should -Be $sandbox.Endpoint.Port
        @($sandbox.Request).Count | Should -Be 1
        $sandbox.Request[0].Method | Should -Be 'POST'
        $sandbox.Request[0].TaskType | Should -Be 'imageInference'
        ($sandbox.Request[0].Body | ConvertFrom-Json)[0].positivePrompt | Should -Be 'a kettle'
    }

    It 'serves several at once, each on its own' {
        $one, $two = 1..2 | ForEach-Object { Start-RunwareSandbox }
        $one.Port | Should -Not -Be $two.Port

        $one | Stop-RunwareSandbox
        $one.IsRunning | Should -BeFalse
        $two.IsRunning | Should -BeTrue

        Stop-RunwareSandbox
        $two.IsRunning | Should -BeFalse
    }

    It 'takes the port it is given, and says when it cannot' {
        $sandbox = Start-RunwareSandbox
        { Start-RunwareSandbox -Port $sandbox.Port } | Should -Throw -ErrorId 'ConnectionFailed,*'
    }

    It 'refuses a fault that it does not know: <Fault>' -ForEach @(
        @{ Fault = @{ Kind = 'Earthquake' } }
        @{ Fault = @{ Times = 1 } }
        @{ Fault = @{ Kind = 'Stall'; Tmies = 1 } }
        @{ Fault = @{ Kind = 'Status'; StatusCode = 99 } }
    ) {
        { Start-RunwareSandbox -Fault $Fault } | Should -Throw -ErrorId 'ParameterOutOfRange,*'
    }

    It 'fails as often as it is told' {
        $sandbox = Start-RunwareSandbox -Fault @{ Kind = 'Refusal'; Times = 1 }
        Connect-Runware -Endpoint $sandbox.Endpoint
        $images = 'a kettle', 'a cup', 'a spoon' | New-RunwareImage -ErrorAction SilentlyContinue -ErrorVariable failures

        @($images).Count | Should -Be 2
        $failures.Count | Should -Be 1
    }
}
