# Never pay twice, never lose a picture: as a script sees it.

Describe 'Delivery' {
    BeforeAll {
        Import-Module $env:RUNWAREPS_MODULE

        function Start-Case {
            param([hashtable[]] $Fault = @(), [double] $Latency = 0, [hashtable] $Connect = @{})
            $script:sandbox = Start-RunwareSandbox -Fault $Fault -Latency $Latency
            $script:journal = Join-Path $TestDrive "$([guid]::NewGuid().ToString('N')).db"
            Connect-Runware -Endpoint $sandbox.Endpoint -JournalPath $journal @Connect
        }

        # Runs a script in a runspace of its own, stops it once something has happened, and says how long the stop took.
        function Stop-Midway {
            param([string] $Script, [scriptblock] $Until)
            $shell = [powershell]::Create()
            try {
                $null = $shell.AddScript("Import-Module '$env:RUNWAREPS_MODULE'; $Script")
                $running = $shell.BeginInvoke()
                $deadline = [datetime]::UtcNow.AddSeconds(60)
                while (-not (& $Until) -and [datetime]::UtcNow -lt $deadline -and -not $running.IsCompleted) { Start-Sleep -Milliseconds 10 }
                $running.IsCompleted | Should -BeFalse -Because 'it was to be stopped in the middle of its work'
                $watch = [System.Diagnostics.Stopwatch]::StartNew()
                $shell.Stop()
                [pscustomobject]@{
                    Seconds = $watch.Elapsed.TotalSeconds
                    Told    = @($shell.Streams.Information | Where-Object { $_.Tags -contains 'PSHOST' } | ForEach-Object { "$($_.MessageData)" }) -join ' '
                }
            }
            finally { $shell.Dispose() }
        }
    }

    AfterEach {
        Disconnect-Runware
        Stop-RunwareSandbox
    }

    Context 'Asynchronous tasks' {
        It 'are returned at acceptance, waited for, received, and received again the same' {
            Start-Case -Latency 0.3
            $tasks = 'a', 'b' | New-RunwareImage -Async -Count 2 -Tag evening
            $tasks.Status | Should -Be 'Submitted', 'Submitted'
            $tasks[0] | Should -BeOfType ([RunwarePS.RunwareTask])
            $ended = $tasks | Wait-RunwareTask
            $ended.Status | Should -Be 'Succeeded', 'Succeeded'
            $first = $tasks | Receive-RunwareTask
            $again = $tasks | Receive-RunwareTask
            $first.Count | Should -Be 4
            $first[0].Tag | Should -Be 'evening'
            ($again.ImageUuid | Sort-Object) | Should -Be ($first.ImageUuid | Sort-Object)
            $sandbox.Generation.Count | Should -Be 2
        }

        It 'are found by id, by text, by a deserialised object and by a bag' {
            Start-Case
            $task = New-RunwareImage 'a' -Async
            $copy = [System.Management.Automation.PSSerializer]::Deserialize([System.Management.Automation.PSSerializer]::Serialize($task))
            foreach ($form in $task, $copy, $task.TaskUuid, "$($task.TaskUuid)", [pscustomobject]@{ TaskUuid = "$($task.TaskUuid)" }) {
                (Receive-RunwareTask $form -Wait).TaskUuid | Should -Be $task.TaskUuid
                ($form | Wait-RunwareTask).Status | Should -Be 'Succeeded'
            }
        }

        It 'tell the id when time runs out, and live on' {
            Start-Case -Latency 6
            $task = New-RunwareImage 'a' -Async
            Wait-RunwareTask $task -TimeoutSec 1 -ErrorVariable errors -ErrorAction SilentlyContinue | Should -BeNullOrEmpty
            $errors[0].FullyQualifiedErrorId | Should -BeLike 'TaskTimeout,*'
            $errors[0].Exception.TaskUuid | Should -Be $task.TaskUuid
            (Receive-RunwareTask $task -Wait).TaskUuid | Should -Be $task.TaskUuid
        }

        It 'write one error for each failure, and the good results beside them' {
            Start-Case -Fault @{ Kind = 'PartialFailure' }
            $task = New-RunwareImage 'a' -Async -Count 3
            $images = Receive-RunwareTask $task -Wait -ErrorVariable errors -ErrorAction SilentlyContinue
            $images.Count | Should -Be 2
            $errors.Count | Should -Be 1
            $errors[0].FullyQualifiedErrorId | Should -BeLike 'Runware.*'
            (Get-RunwareTask $task.TaskUuid).Status | Should -Be 'PartiallySucceeded'
        }

        It 'go out together where they wait, and are asked for together' {
            Start-Case -Latency 1
            $tasks = 1..100 | ForEach-Object { "task $_" } | New-RunwareImage -Async -ThrottleLimit 1
            ($tasks | Receive-RunwareTask -Wait).Count | Should -Be 100
            $sandbox.Request.Where({ $_.TaskType -contains 'imageInference' }).Count | Should -BeLessThan 50
            $sandbox.Request.ForEach({ $_.TaskUuid.Count }) | ForEach-Object { $_ | Should -BeLessOrEqual 20 }
            $sandbox.Generation.Count | Should -Be 100
        }
    }

    Context 'A connection of one runspace' {
        It 'serves every cmdlet, although the work runs on other threads' {
            Disconnect-Runware
            $script:sandbox = Start-RunwareSandbox
            $journal = Join-Path $TestDrive 'runspace.db'
            Connect-Runware -Endpoint $sandbox.Endpoint -JournalPath $journal -Scope Runspace
            # Where the runspace's own connection was missed, this one, of the process, would be taken.
            $other = [powershell]::Create()
            try {
                $null = $other.AddScript("Import-Module '$env:RUNWAREPS_MODULE'; Connect-Runware -Endpoint http://127.0.0.1:9/v1 -MaxRetryCount 0 -JournalPath '$journal.other'").Invoke()
            }
            finally { $other.Dispose() }
            $task = 'a', 'b' | New-RunwareImage -Async
            $task | Get-RunwareTask | ForEach-Object Status | Should -Be 'Succeeded', 'Succeeded'
            $task | Wait-RunwareTask | Should -HaveCount 2
            $task | Receive-RunwareTask -Wait | Save-RunwareImage -Path (Join-Path $TestDrive 'runspace') | Should -HaveCount 2
            Resume-RunwareTask | Should -BeNullOrEmpty -Because 'both pictures are marked as saved in this journal'
            Get-RunwareSpend | Should -HaveCount 2
            Test-Path -LiteralPath "$journal.other" | Should -BeFalse
        }
    }

    Context 'The journal' {
        It 'lists the tasks of this connection, those still pending, those with a tag' {
            Start-Case -Fault @{ Kind = 'NeverFinishes'; Match = 'slow' }
            $null = New-RunwareImage 'quick' -Tag one
            $null = New-RunwareImage 'slow' -Async -Tag two
            @(Get-RunwareTask).Count | Should -Be 2
            @(Get-RunwareTask -Pending).Prompt | Should -Be 'slow'
            @(Get-RunwareTask -Tag o*).Prompt | Should -Be 'quick'
        }

        It 'forgets a task when told, and asks first' {
            Start-Case
            $image = New-RunwareImage 'a'
            Remove-RunwareTask $image -WhatIf
            @(Get-RunwareTask).Count | Should -Be 1
            Remove-RunwareTask $image
            @(Get-RunwareTask).Count | Should -Be 0
            @(Get-RunwareSpend).Count | Should -Be 1 -Because 'what was spent stays spent'
        }

        It 'brings back after the session what was paid for and not saved, and nothing else' {
            Start-Case
            $images = 'saved', 'lost' | New-RunwareImage
            $images | Where-Object Prompt -EQ 'saved' | Save-RunwareImage -Path $TestDrive | Out-Null
            Resume-RunwareTask -WhatIf | Should -BeNullOrEmpty
            Resume-RunwareTask ([guid]::NewGuid()) -ErrorVariable unknown -ErrorAction SilentlyContinue | Should -BeNullOrEmpty
            $unknown.FullyQualifiedErrorId | Should -BeLike 'TaskNotFound,*'
            $back = Resume-RunwareTask | Receive-RunwareTask
            $back.Prompt | Should -Be 'lost'
            $sandbox.Generation.Count | Should -Be 2
        }

        It 'settles an unclear submit under its own id' {
            Start-Case -Fault @{ Kind = 'DropAfterAcceptance'; Times = 1; TaskType = 'imageInference' } -Connect @{ MaxRetryCount = 0 }
            New-RunwareImage 'a' -ErrorVariable errors -ErrorAction SilentlyContinue | Should -BeNullOrEmpty
            $errors[0].FullyQualifiedErrorId | Should -BeLike 'ConnectionFailed,*'
            $id = $errors[0].Exception.TaskUuid
            (Get-RunwareTask -Pending).TaskUuid | Should -Be $id
            $image = Resume-RunwareTask | Receive-RunwareTask -Wait
            $image.TaskUuid | Should -Be $id
            $image.Prompt | Should -Be 'a'
            $sandbox.Generation.Count | Should -Be 1
        }

        It 'keeps another key and another endpoint out' {
            Start-Case
            $null = New-RunwareImage 'a'
            Connect-Runware -Endpoint $sandbox.Endpoint -JournalPath $journal -ApiKey (ConvertTo-SecureString 'another-key' -AsPlainText)
            Get-RunwareTask | Should -BeNullOrEmpty
            Get-RunwareSpend | Should -BeNullOrEmpty
        }

        It 'is no reason to lose a picture: a broken one warns once' {
            Start-Case
            Set-Content -LiteralPath "$journal.broken" -Value ('this is no database ' * 100)
            Connect-Runware -Endpoint $sandbox.Endpoint -JournalPath "$journal.broken"
            $image = 'a', 'b' | New-RunwareImage -WarningVariable warnings -WarningAction SilentlyContinue
            $image.Count | Should -Be 2
            $warnings.Count | Should -Be 1
        }

        It 'stops everything where it is required and broken' {
            Start-Case
            Set-Content -LiteralPath "$journal.broken" -Value ('this is no database ' * 100)
            Connect-Runware -Endpoint $sandbox.Endpoint -JournalPath "$journal.broken" -JournalRequired
            New-RunwareImage 'a' -ErrorVariable errors -ErrorAction SilentlyContinue | Should -BeNullOrEmpty
            $errors[0].FullyQualifiedErrorId | Should -BeLike 'JournalUnavailable,*'
            $sandbox.Request.Count | Should -Be 0
        }

        It 'is refused on a network share' {
            { Connect-Runware -Sandbox -JournalPath '\\server\share\journal.db' -ErrorAction Stop } | Should -Throw -ErrorId 'JournalNotLocal,*'
        }

        It 'is readable by its owner alone' -Skip:$IsWindows {
            Start-Case
            $null = New-RunwareImage 'a'
            Get-ChildItem "$journal*" | ForEach-Object { $_.UnixMode | Should -Be '-rw-------' }
        }
    }

    Context 'A restarted runbook' {
        It 'gets the same pictures on another machine, with an empty journal, and buys none' {
            Start-Case
            $rows = 1..3 | ForEach-Object { [pscustomobject]@{ Prompt = 'the same prompt'; IdempotencyKey = 'nightly 2026-11-22' } }
            $first = $rows | New-RunwareImage
            $first.TaskUuid | Sort-Object -Unique | Should -HaveCount 3 -Because 'equal rows are different pictures'
            Connect-Runware -Endpoint $sandbox.Endpoint -JournalPath "$journal.other"
            $second = $rows | New-RunwareImage
            ($second.ImageUuid | Sort-Object) | Should -Be ($first.ImageUuid | Sort-Object)
            $sandbox.Generation.Count | Should -Be 3
        }

        It 'buys again under another key, or for another prompt' {
            Start-Case
            $ids = @(
                New-RunwareImage 'a' -IdempotencyKey one
                New-RunwareImage 'a' -IdempotencyKey two
                New-RunwareImage 'b' -IdempotencyKey one
            ).TaskUuid
            $ids | Sort-Object -Unique | Should -HaveCount 3
            $ids | ForEach-Object { "$_"[14] | Should -Be '4' }
        }

        It 'hears the same of a task that was accepted and failed, until its key is another one' {
            Start-Case -Fault @{ Kind = 'PartialFailure'; Times = 1 }
            foreach ($run in 1, 2) {
                New-RunwareImage 'a' -IdempotencyKey one -ErrorVariable errors -ErrorAction SilentlyContinue | Should -BeNullOrEmpty
                $errors[0].Exception.Code | Should -Be 'invalidProviderContent'
            }
            New-RunwareImage 'a' -IdempotencyKey two | Should -HaveCount 1
        }

        It 'is told that a used id of its own is used, unless the journal knows it' {
            Start-Case
            $id = [guid]::NewGuid()
            $image = New-RunwareImage 'a' -TaskUuid $id
            (New-RunwareImage 'a' -TaskUuid $id).ImageUuid | Should -Be $image.ImageUuid
            Connect-Runware -Endpoint $sandbox.Endpoint -JournalPath "$journal.other"
            New-RunwareImage 'a' -TaskUuid $id -ErrorVariable errors -ErrorAction SilentlyContinue | Should -BeNullOrEmpty
            $errors[0].FullyQualifiedErrorId | Should -BeLike 'Runware.conflictTaskUUID,*'
            $sandbox.Generation.Count | Should -Be 1
        }
    }

    Context 'Money' {
        It 'is booked, summed and grouped' {
            Start-Case
            'a', 'b' | New-RunwareImage -Quality high -Tag one | Out-Null
            New-RunwareImage 'c' -Quality high -Size Landscape -Tag two | Out-Null
            [decimal] (Get-RunwareSpend | Measure-Object Cost -Sum).Sum | Should -Be 0.584d
            @(Get-RunwareSpend -Tag two).Cost | Should -Be 0.25
            Get-RunwareSpend -Until (Get-Date).AddDays(-1) | Should -BeNullOrEmpty
        }

        It 'is capped for one pipeline before anything is sent' {
            Start-Case
            $images = 1..5 | ForEach-Object { "picture $_" } | New-RunwareImage -Quality high -MaxCost 0.34 -ErrorVariable errors -ErrorAction SilentlyContinue
            $images.Count | Should -Be 2
            $errors.Count | Should -Be 3
            $errors[0].FullyQualifiedErrorId | Should -BeLike 'BudgetExceeded,*'
            $sandbox.Generation.Count | Should -Be 2
        }

        It 'cannot be capped where no price is known' {
            Start-Case
            New-RunwareImage 'a' -Model openai:1@2 -MaxCost 5 -ErrorVariable errors -ErrorAction SilentlyContinue | Should -BeNullOrEmpty
            $errors[0].FullyQualifiedErrorId | Should -BeLike 'PriceUnknown,*'
            $sandbox.Request.Count | Should -Be 0
        }

        It 'is capped for the day across processes that share a journal' {
            Start-Case
            $script = "Import-Module '$env:RUNWAREPS_MODULE'; Connect-Runware -Endpoint '$($sandbox.Endpoint)' -JournalPath '$journal' -MaxCost 2; " +
                "1..10 | ForEach-Object { `"$([char]36)_`" } | New-RunwareImage -Quality high -ErrorAction SilentlyContinue | Measure-Object | ForEach-Object Count"
            $children = 1..2 | ForEach-Object { Start-Job -ScriptBlock ([scriptblock]::Create($script)) }
            $made = ($children | Receive-Job -Wait -AutoRemoveJob | Measure-Object -Sum).Sum
            $made | Should -Be 11 -Because '11 × 0.167 is the most that 2 USD allow'
            ($sandbox.Generation | Measure-Object Cost -Sum).Sum | Should -BeLessOrEqual 2
        }
    }

    Context 'A journal that takes no more' {
        # What another program could do to the file, by the library that the module itself brings.
        BeforeAll {
            function Invoke-Sql {
                param([string] $Sql)
                $library = ([System.Runtime.Loader.AssemblyLoadContext]::All | Where-Object Name -EQ RunwarePS).Assemblies |
                    Where-Object { $_.GetName().Name -eq 'Microsoft.Data.Sqlite' }
                $connection = [System.Activator]::CreateInstance($library.GetType('Microsoft.Data.Sqlite.SqliteConnection'), "Data Source=$journal;Pooling=False")
                try {
                    $connection.Open()
                    $command = $connection.CreateCommand()
                    $command.CommandText = $Sql
                    $null = $command.ExecuteNonQuery()
                }
                finally { $connection.Dispose() }
            }
        }

        It 'costs no picture and is said each time, though only <Write> fails' -ForEach @(
            @{ Write = 'the begin'; On = 'INSERT ON task' }
            @{ Write = 'the end'; On = 'UPDATE ON task' }
        ) {
            Start-Case
            $null = New-RunwareImage 'before'
            Invoke-Sql "CREATE TRIGGER full BEFORE $On BEGIN SELECT RAISE(ABORT, 'no room'); END"
            foreach ($number in 1..10) {
                $image = New-RunwareImage "picture $number" -WarningVariable warning -WarningAction SilentlyContinue
                $image.ImageUrl | Should -Not -BeNullOrEmpty
                $warning | Should -HaveCount 1
                "$warning" | Should -BeLike '*no room*'
            }
        }
    }

    Context 'A stop' {
        It 'while <State> returns at once, tells the id, and leaves a journal that resumes' -ForEach @(
            @{ State = 'sending'; Fault = @{ Kind = 'Stall'; Times = 1; TaskType = 'imageInference' }; Command = "New-RunwareImage 'a'"; Seen = 1 }
            @{ State = 'waiting to send again'; Fault = @{ Kind = 'Status'; StatusCode = 429; RetryAfter = 60; Times = 1; TaskType = 'imageInference' }; Command = "New-RunwareImage 'a'"; Seen = 1 }
            @{ State = 'polling'; Fault = @{ Kind = 'NeverFinishes'; Times = 1 }; Command = "New-RunwareImage 'a' -Async | Wait-RunwareTask"; Seen = 3 }
            @{ State = 'receiving'; Fault = @{ Kind = 'NeverFinishes'; Times = 1 }; Command = "New-RunwareImage 'a' -Async | Receive-RunwareTask -Wait"; Seen = 3 }
        ) {
            Start-Case -Fault $Fault
            $seen = $Seen
            $stopped = Stop-Midway $Command { $sandbox.Request.Count -ge $seen }
            $stopped.Seconds | Should -BeLessThan 30 -Because 'what it interrupts takes a minute or never ends'
            $task = Get-RunwareTask
            $stopped.Told | Should -BeLike "*$($task.TaskUuid)*"
            $resumed = Resume-RunwareTask
            $resumed.TaskUuid | Should -Be $task.TaskUuid
            $sandbox.Request.Where({ $_.TaskType -contains 'imageInference' }).TaskUuid | Sort-Object -Unique | Should -HaveCount 1
            $sandbox.Generation.Count | Should -BeLessOrEqual 1
        }

        It 'while saving leaves no half file, and the picture can be saved later' {
            Start-Case -Fault @{ Kind = 'Trickle'; Times = 1; TaskType = 'download' }
            $folder = Join-Path $TestDrive 'stopped while saving'
            $stopped = Stop-Midway "New-RunwareImage 'a' | Save-RunwareImage -Path '$folder'" { (Test-Path -LiteralPath $folder) -and [System.IO.Directory]::GetFiles($folder, '*.part') }
            $stopped.Seconds | Should -BeLessThan 30 -Because 'what it interrupts takes a minute or never ends'
            Get-ChildItem -LiteralPath $folder -Force | Should -BeNullOrEmpty
            Resume-RunwareTask | Receive-RunwareTask | Save-RunwareImage -Path $folder | Should -HaveCount 1
            $sandbox.Generation.Count | Should -Be 1
        }
    }
}
