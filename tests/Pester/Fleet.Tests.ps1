# A journal in a database, as its users meet it. RUNWAREPS_MODULE names the module's folder or manifest.

BeforeDiscovery {
    Import-Module ([IO.Path]::Combine($PSScriptRoot, '..', 'Campaign', 'Cluster.psm1'))
    $script:noServer = -not $IsLinux -or -not (Find-PostgresTool)
}

BeforeAll {
    $module = $env:RUNWAREPS_MODULE ? $env:RUNWAREPS_MODULE : [IO.Path]::Combine($PSScriptRoot, '..', '..', 'out', 'RunwarePS')
    $script:staged = Convert-Path -LiteralPath $module
    Import-Module $staged -ErrorAction Stop
    Import-Module ([IO.Path]::Combine($PSScriptRoot, '..', 'Campaign', 'Cluster.psm1'))
    Import-Module ([IO.Path]::Combine($PSScriptRoot, '..', '..', 'build', 'Engine', 'Engine.psm1'))
    $script:sandbox = Start-RunwareSandbox -Fault @{ Kind = 'Stall'; Match = 'a killed worker'; Times = 1 }
    $script:endpoint = $sandbox.Endpoint

    function Get-SentCount { @($sandbox.Request | Where-Object TaskType -EQ imageInference).Count }

    # The one error of a cmdlet whose journal can't be used. Nothing was sent, and no text contains the password.
    function Get-JournalError([string] $Url, [string] $Role = 'owner') {
        $credential = [pscredential]::new($Role, (ConvertTo-SecureString 'hunter2' -AsPlainText -Force))
        $before = Get-SentCount
        $Error.Clear()
        Connect-Runware -Endpoint $endpoint -Journal $Url -JournalCredential $credential
        New-RunwareImage 'a crane' -ErrorVariable failed -ErrorAction SilentlyContinue | Should -BeNullOrEmpty
        $failed.FullyQualifiedErrorId | Should -Be 'JournalUnavailable,RunwarePS.Commands.NewRunwareImageCommand'
        Get-RunwareConnection -WarningVariable warned -WarningAction SilentlyContinue | Out-Null
        $warned.Count | Should -Be 1
        "$warned $($Error | ForEach-Object { "$($_ | Format-List * -Force | Out-String) $($_.Exception)" })" | Should -Not -Match 'hunter2'
        Get-SentCount | Should -Be $before
        $failed[0].Exception.Message
    }
}

AfterAll {
    Disconnect-Runware
    Stop-RunwareSandbox
}

Describe 'The URL of a journal' {
    It 'is refused with a password, which is repeated nowhere' {
        $Error.Clear()
        { Connect-Runware -Endpoint $endpoint -Journal 'postgresql://worker:hunter2@db.example/runware' } | Should -Throw -ErrorId 'JournalPasswordInUrl,*'
        $Error | ForEach-Object { "$($_ | Format-List * -Force | Out-String) $($_.Exception)" } | Select-String '(?<!worker:)hunter2(?!@)' | Should -BeNullOrEmpty
        "$($Error[0].Exception.Message) $($Error[0].ErrorDetails) $($Error[0].TargetObject)" | Should -Not -Match 'hunter2'
    }

    It 'is refused with an option that does not exist' {
        { Connect-Runware -Endpoint $endpoint -Journal 'postgresql://db.example/runware?sslmod=require' } | Should -Throw '*sslmod*' -ErrorId 'JournalUrlInvalid,*'
    }

    It 'excludes a path, and a requirement excludes its opposite' {
        { Connect-Runware -Endpoint $endpoint -Journal a.db -JournalPath b.db } | Should -Throw -ErrorId 'ParameterConflict,*'
        { Connect-Runware -Endpoint $endpoint -JournalRequired -JournalOptional } | Should -Throw -ErrorId 'ParameterConflict,*'
    }

    It 'may be the path of a file' {
        $file = Join-Path $TestDrive 'named.db'
        $connection = Connect-Runware -Endpoint $endpoint -Journal $file -PassThru
        $connection.Journal, $connection.JournalPath, $connection.JournalRequired | Should -Be $file, $file, $false
    }

    It 'shows neither role nor password' {
        $credential = [pscredential]::new('secret-role', (ConvertTo-SecureString 'hunter2' -AsPlainText -Force))
        $connection = Connect-Runware -Endpoint $endpoint -Journal 'postgresql://127.0.0.1:1/runware?schema=a' -JournalCredential $credential -PassThru
        $connection.Journal | Should -Be 'postgresql://127.0.0.1:1/runware'
        $connection.JournalRequired | Should -BeTrue
        $connection | Export-Clixml (Join-Path $TestDrive connection.xml)
        "$($connection | Format-List * -Force | Out-String) $(Get-Content (Join-Path $TestDrive connection.xml) -Raw)" | Should -Not -Match 'hunter2|secret-role'
    }

    It 'needs no credential for a file' {
        $credential = [pscredential]::new('role', (ConvertTo-SecureString 'hunter2' -AsPlainText -Force))
        { Connect-Runware -Endpoint $endpoint -Journal a.db -JournalCredential $credential } | Should -Throw -ErrorId 'JournalUrlInvalid,*'
    }
}

Describe 'A database that is not there' {
    It 'is one clear error before anything is sent' {
        Get-JournalError 'postgresql://127.0.0.1:1/runware' | Should -Match "'postgresql://127.0.0.1:1/runware'.*refused"
    }

    It 'is a warning where it is optional' {
        Connect-Runware -Endpoint $endpoint -Journal 'postgresql://127.0.0.1:1/runware' -JournalOptional
        $image = New-RunwareImage 'a crane' -WarningVariable warned -WarningAction SilentlyContinue
        $image.Cost | Should -BeGreaterThan 0
        $warned.Count | Should -Be 1
        $warned[0] | Should -Match 'postgresql://127.0.0.1:1/runware'
    }

    It 'is needed for a cap, also where it is optional' {
        Connect-Runware -Endpoint $endpoint -Journal 'postgresql://127.0.0.1:1/runware' -JournalOptional -MaxCost 100
        New-RunwareImage 'a crane' -ErrorVariable failed -ErrorAction SilentlyContinue -WarningAction SilentlyContinue | Should -BeNullOrEmpty
        $failed[0].FullyQualifiedErrorId | Should -BeLike 'JournalUnavailable,*'
    }
}

Describe 'A shared journal' -Skip:$noServer {
    BeforeAll {
        $script:folder = Join-Path ([IO.Path]::GetTempPath()) "runware-fleet-test-$([guid]::NewGuid().ToString('N'))"
        $script:certificates = New-Item -ItemType Directory "$folder-certificates"
        New-ServerCertificate $certificates 'localhost'
        New-ServerCertificate $certificates 'db.example'
        $script:cluster = New-Cluster -Path $folder -Port (Get-ServerPort) `
            -Option "-c ssl=on -c ssl_cert_file=$certificates/localhost.crt -c ssl_key_file=$certificates/localhost.key"
        $script:url = "postgresql://owner@127.0.0.1:$($cluster.Port)/postgres"
    }

    AfterAll {
        Disconnect-Runware
        Stop-Cluster $cluster
        Remove-Item -LiteralPath $folder, $certificates -Recurse -Force
    }

    It 'is prepared by its owner, or by the SQL that -WhatIf returns' {
        $null = Invoke-Sql $cluster 'CREATE ROLE worker LOGIN'
        $sql = Initialize-RunwareJournal $url -Role worker -WhatIf
        $sql | Should -Match 'CREATE TABLE "runware"\.task'
        Invoke-Sql $cluster "SELECT count(*) FROM pg_namespace WHERE nspname = 'runware'" | Should -Be 0

        Connect-Runware -Endpoint $endpoint -Journal ($url -replace 'owner', 'worker')
        New-RunwareImage 'a crane' -ErrorVariable failed -ErrorAction SilentlyContinue | Should -BeNullOrEmpty
        $failed[0].Exception.Message | Should -Match 'Initialize-RunwareJournal'

        Initialize-RunwareJournal $url -Role worker | Should -BeNullOrEmpty
        (New-RunwareImage 'a crane').Cost | Should -BeGreaterThan 0
    }

    It 'is shown with server, role, version and clock' {
        Connect-Runware -Endpoint $endpoint -Journal $url
        $connection = Get-RunwareConnection
        $connection.Journal | Should -Be "postgresql://127.0.0.1:$($cluster.Port)/postgres"
        $connection.JournalRole, $connection.JournalSchemaVersion | Should -Be 'owner', 1
        [math]::Abs($connection.JournalClockOffset.TotalSeconds) | Should -BeLessThan 5
        $connection.JournalPath | Should -BeNullOrEmpty
    }

    It 'gives another process the result instead of a second purchase' {
        Connect-Runware -Endpoint $endpoint -Journal $url
        $mine = 1..3 | ForEach-Object { "fleet $_" } | New-RunwareImage -IdempotencyKey fleet
        $before = Get-SentCount

        $theirs = Start-Job {
            Import-Module $using:staged
            $env:RUNWARE_JOURNAL = $using:url
            $env:RUNWARE_BASE_URL = $using:endpoint
            1..3 | ForEach-Object { "fleet $_" } | New-RunwareImage -IdempotencyKey fleet
        } | Receive-Job -Wait -AutoRemoveJob

        $theirs.ImageUuid | Sort-Object | Should -Be ($mine.ImageUuid | Sort-Object)
        Get-SentCount | Should -Be $before
        (Get-RunwareTask | Where-Object Prompt -Like 'fleet*').Count | Should -Be 3
    }

    It 'has one cap for all' {
        Connect-Runware -Endpoint $endpoint -Journal $url
        $spent = (Get-RunwareSpend | Measure-Object Cost -Sum).Sum
        Connect-Runware -Endpoint $endpoint -Journal $url -MaxCost ($spent + 0.2)
        $images = 1..3 | ForEach-Object { "cap $_" } | New-RunwareImage -Quality high -ErrorVariable failed -ErrorAction SilentlyContinue
        @($images).Count | Should -Be 1
        $failed.FullyQualifiedErrorId | Should -BeLike 'BudgetExceeded,*'
    }

    It 'takes over what a process left, and what a file has' {
        $file = Join-Path $TestDrive 'local.db'
        Connect-Runware -Endpoint $endpoint -JournalPath $file
        $local = New-RunwareImage 'a local image'
        $left = New-RunwareImage 'left behind' -Async

        Connect-Runware -Endpoint $endpoint -Journal $url
        $import = Import-RunwareJournal $file
        $import.Found, $import.Added | Should -Be 2, 2
        (Import-RunwareJournal $file).Added | Should -Be 0
        (Get-RunwareTask | Where-Object TaskUuid -EQ $local.TaskUuid).Status | Should -Be 'Succeeded'
        (Receive-RunwareTask $left.TaskUuid -Wait).Prompt | Should -Be 'left behind'
    }

    It 'frees at once what a killed process of this computer left' {
        Connect-Runware -Endpoint $endpoint -Journal $url -TimeoutSec 5 # the request that stalls is this one if the worker is killed before its own
        $made = $sandbox.Generation.Count
        $process = [System.Diagnostics.Process]::Start((Get-EngineStartInfo -Argument '-Command',
                "Import-Module '$staged'; Connect-Runware -Endpoint $endpoint -Journal $url; New-RunwareImage 'a killed worker'"))
        $deadline = [datetime]::UtcNow.AddSeconds(60)
        while (-not ($task = Get-RunwareTask | Where-Object Prompt -EQ 'a killed worker') -and [datetime]::UtcNow -lt $deadline) {
            Start-Sleep -Milliseconds 50
        }
        Resume-RunwareTask $task.TaskUuid | Should -BeNullOrEmpty -Because 'its process is running'

        $process.Kill($true)
        $process.WaitForExit()
        $deadline = [datetime]::UtcNow.AddSeconds(10) # the .NET tool starts the engine as a child, which ends a moment after it
        do { $resumed = Resume-RunwareTask $task.TaskUuid -Wait } until ($resumed -or [datetime]::UtcNow -gt $deadline)
        $resumed.Status | Should -Be 'Succeeded' -Because 'its lease would end in a minute'
        $sandbox.Generation.Count | Should -Be ($made + 1)
    }

    It 'completes IDs and tags once it is open' {
        Connect-Runware -Endpoint $endpoint -Journal $url
        $null = New-RunwareImage 'a buoy' -Tag fleet-tag
        $line = 'Get-RunwareTask -Tag fleet'
        $deadline = [datetime]::UtcNow.AddSeconds(60)
        do {
            # A completion gives up after a second, which can be too short on a busy machine.
            $offered = (TabExpansion2 $line $line.Length).CompletionMatches.CompletionText
        } until ($offered -contains 'fleet-tag' -or [datetime]::UtcNow -gt $deadline)
        $offered | Should -Contain 'fleet-tag'
    }

    It 'keeps the text of tags and prompts as text' {
        Connect-Runware -Endpoint $endpoint -Journal $url
        $tag = "x'; DROP TABLE runware.task; --"
        $image = New-RunwareImage $tag -Tag $tag
        (Get-RunwareTask -Tag ([WildcardPattern]::Escape($tag))).TaskUuid | Should -Be $image.TaskUuid
    }

    It 'is one clear error with a wrong password' {
        $null = Invoke-Sql $cluster "CREATE ROLE secured LOGIN PASSWORD 'right'"
        $server = "postgresql://127.0.0.1:$($cluster.Port)/postgres"
        Get-JournalError $server -Role secured | Should -Match "'$([regex]::Escape($server))'.*password authentication failed for user ""secured"""
    }

    It 'is one clear error without a password' {
        Connect-Runware -Endpoint $endpoint -Journal "postgresql://secured@127.0.0.1:$($cluster.Port)/postgres"
        New-RunwareImage 'a crane' -ErrorVariable failed -ErrorAction SilentlyContinue | Should -BeNullOrEmpty
        @($failed).Count, $failed[0].FullyQualifiedErrorId | Should -Be 1, 'JournalUnavailable,RunwarePS.Commands.NewRunwareImageCommand'
        $failed[0].Exception.Message | Should -Match 'No password has been provided'
    }

    It 'is one clear error of a later version' {
        Initialize-RunwareJournal "$url`?schema=later"
        $null = Invoke-Sql $cluster 'INSERT INTO later.schema_version (version, min_client) VALUES (99, 99)'
        Get-JournalError "$url`?schema=later" | Should -Match 'schema is 99.*Update RunwarePS'
    }

    It 'is one clear error of an earlier version that the role may not upgrade' {
        $null = Invoke-Sql $cluster 'CREATE ROLE former LOGIN'
        Initialize-RunwareJournal "$url`?schema=earlier" -Role former
        $null = Invoke-Sql $cluster 'UPDATE earlier.schema_version SET version = -1'
        $command = "Initialize-RunwareJournal -Journal 'postgresql://127.0.0.1:$($cluster.Port)/postgres?schema=earlier' -Role 'former'"
        Get-JournalError "postgresql://127.0.0.1:$($cluster.Port)/postgres?schema=earlier" -Role former |
            Should -Match "'former' isn't allowed to upgrade the schema 'earlier'.*$([regex]::Escape($command))"
    }

    It 'is one clear error on a read-only replica, and works with its primary server' {
        $standby = New-Standby $cluster
        try {
            Invoke-Sql $standby 'SELECT pg_is_in_recovery()' | Should -Be 't'
            Get-JournalError "postgresql://owner@127.0.0.1:$($standby.Port)/postgres" | Should -Match 'read-only replica'
            Connect-Runware -Endpoint $endpoint -Journal "postgresql://owner@127.0.0.1:$($standby.Port),127.0.0.1:$($cluster.Port)/postgres"
            (New-RunwareImage 'a crane').Cost | Should -BeGreaterThan 0
        } finally {
            Stop-Cluster $standby
        }
    }

    It 'is one clear error on a full disk, and works again when there is space' {
        Initialize-RunwareJournal "$url`?schema=full_disk"
        $table = "$($cluster.Data)/$(Invoke-Sql $cluster "SELECT pg_relation_filepath('full_disk.task')")"
        Invoke-AsServer "ln -sf /dev/full $table" # an empty file on a disk without space
        Connect-Runware -Endpoint $endpoint -Journal "$url`?schema=full_disk"
        $before = Get-SentCount
        New-RunwareImage 'a crane' -ErrorVariable failed -ErrorAction SilentlyContinue | Should -BeNullOrEmpty
        $failed.FullyQualifiedErrorId | Should -Be 'JournalUnavailable,RunwarePS.Commands.NewRunwareImageCommand'
        $failed[0].Exception.Message | Should -Match "can't be used: could not extend file .* No space left on device"
        Get-SentCount | Should -Be $before

        Invoke-AsServer "rm $table && touch $table"
        (New-RunwareImage 'a crane').Cost | Should -BeGreaterThan 0
    }

    It 'is used only with a certificate that is trusted and for its host' {
        $server = "postgresql://owner@localhost:$($cluster.Port)/postgres?sslmode=verify-full"
        Connect-Runware -Endpoint $endpoint -Journal "$server&sslrootcert=$certificates/localhost-root.crt"
        (New-RunwareImage 'a crane').Cost | Should -BeGreaterThan 0
        $env:PGSSLROOTCERT = "$certificates/localhost-root.crt"
        try {
            Connect-Runware -Endpoint $endpoint -Journal $server
            (New-RunwareImage 'a crane').Cost | Should -BeGreaterThan 0
            Get-JournalError ($server -replace 'localhost', '127.0.0.1') | Should -Match 'certificate.*another host name'
        } finally {
            $env:PGSSLROOTCERT = $null
        }
        Get-JournalError "$server&sslrootcert=$certificates/db.example-root.crt" | Should -Match 'certificate.*isn''t trusted'
        Get-JournalError $server | Should -Match 'certificate.*isn''t trusted'
    }
}
