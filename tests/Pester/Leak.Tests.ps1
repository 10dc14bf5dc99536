# No secret and no flood of picture data in anything that a session leaves behind, whatever the server does. RUNWAREPS_MODULE names the module.

BeforeDiscovery {
    # Everything that the server may be made to say holds the key and the signed addresses.
    $secrets = 'KEY Bearer KEY https://hooks.example/in?sig=HOOK https://bucket.example/a.jpg?X-Signature=UPLOAD'
    $said = (@{ errors = @(@{ code = 'invalidApiKey'; message = $secrets; parameter = @('apiKey', 'KEY'); documentation = 'https://docs.example/KEY?k=KEY'; responseContent = $secrets; context = @{ sent = @($secrets) } }) } | ConvertTo-Json -Depth 5 -Compress)
    $script:worlds = @(
        @{ World = 'a server that serves'; Faults = @(); Ends = $true }
        @{ World = 'a server that refuses the key and repeats it'; Faults = @(@{ Kind = 'Status'; StatusCode = 401; Body = $said }) }
        @{ World = 'a server that fails and repeats everything'; Faults = @(@{ Kind = 'Status'; StatusCode = 500; Body = "<html><body>$secrets</body></html>" }) }
        @{ World = 'a reply that cannot be read'; Faults = @(@{ Kind = 'Status'; StatusCode = 200; Body = "$secrets {" }) }
        @{ World = 'a redirect'; Faults = @(@{ Kind = 'Status'; StatusCode = 302; Body = $secrets }) }
        @{ World = 'a connection that drops'; Faults = @(@{ Kind = 'DropAfterAcceptance'; TaskType = 'imageInference'; Times = 3 }) }
        @{ World = 'refusals and failures'; Faults = @(@{ Kind = 'Refusal'; Message = $secrets; TaskType = 'imageInference'; Times = 2 }, @{ Kind = 'PartialFailure'; Message = $secrets; TaskType = 'imageInference'; Times = 1 }) }
        @{ World = 'a download that is refused'; Faults = @(@{ Kind = 'Status'; StatusCode = 403; TaskType = 'download'; Body = $secrets }); Ends = $true }
    )
}

BeforeAll {
    Import-Module ([IO.Path]::Combine($PSScriptRoot, '..', '..', 'build', 'Engine', 'Engine.psm1'))
    $module = $env:RUNWAREPS_MODULE ? $env:RUNWAREPS_MODULE : [IO.Path]::Combine($PSScriptRoot, '..', '..', 'out', 'RunwarePS')
    $script:manifest = Test-ModuleManifest ((Test-Path $module -PathType Container) ? (Join-Path $module RunwarePS.psd1) : $module)
    $script:secrets = [ordered]@{ LEAK_KEY = 'rwk-5ecre7-k3y-5ecre7'; LEAK_HOOK = 'h00k-t0ken-d3adbeef'; LEAK_UPLOAD = 'upl0ad-s1gn-c0ffee42' }

    # A picture big enough that its base64 would be seen.
    Import-Module $manifest.Path
    Connect-Runware -Sandbox
    $script:reference = (New-RunwareImage 'a reference' -OutputFormat PNG | Save-RunwareImage -Path (Join-Path $TestDrive reference)).FullName
    Disconnect-Runware

    # Runs a session in each world and returns its folder by the name of the world. One process runs them all: most of the work of a
    # session is to start an engine and to compile what it uses.
    function Invoke-Session([hashtable[]] $Worlds) {
        $folders = [ordered]@{}
        foreach ($one in $Worlds) {
            $folder = (New-Item -ItemType Directory -Path (Join-Path $TestDrive ([guid]::NewGuid()))).FullName
            Copy-Item -LiteralPath $reference -Destination (Join-Path $folder reference.png)
            $text = ConvertTo-Json @($one.Faults) -Depth 5
            $secrets.GetEnumerator() | ForEach-Object { $text = $text.Replace(($_.Key -replace '^LEAK_'), $_.Value) }
            Set-Content -LiteralPath "$folder.json" -Value $text
            $folders[$one.World] = $folder
        }
        # Both views of errors. PowerShell takes a fifth of a second to write one in the concise view, so that only every third session does.
        $views = 'ConciseView', 'NormalView', 'NormalView'
        $number = 0
        $runs = foreach ($folder in $folders.Values) {
            "`$ErrorView = '$($views[$number++ % $views.Count])'; 'session: $folder'; & '$(Join-Path $PSScriptRoot Leak.Session.ps1)' -Module '$($manifest.Path)' -Folder '$folder' -FaultFile '$folder.json'"
        }
        try {
            $secrets.GetEnumerator() | ForEach-Object { [Environment]::SetEnvironmentVariable($_.Key, $_.Value) }
            $output = Invoke-Engine -Command ($runs -join "`n") 2>&1
        }
        finally {
            $secrets.Keys | ForEach-Object { [Environment]::SetEnvironmentVariable($_, $null) }
        }

        # Each folder gets what the console showed of its session; the first, also what came before.
        $folder = $folders[0]
        foreach ($line in $output) {
            $folder = "$line" -match '^session: (.+)$' ? $Matches[1] : $folder
            Add-Content -LiteralPath (Join-Path $folder console.txt) -Value $line
        }
        $folders
    }

    # The places where a text stands among the files of a session, in the bytes of either encoding.
    function Find-Leak([IO.FileInfo[]] $File, [string] $Text) {
        foreach ($one in $File) {
            $bytes = [IO.File]::ReadAllBytes($one.FullName)
            foreach ($encoding in [Text.Encoding]::Latin1, [Text.Encoding]::Unicode) {
                $read = $encoding.GetString($bytes)
                $at = $read.IndexOf($Text, [StringComparison]::OrdinalIgnoreCase)
                if ($at -ge 0) {
                    "$($one.Name): …$($read.Substring([math]::Max(0, $at - 150), [math]::Min(200, $read.Length - [math]::Max(0, $at - 150))))…"
                }
            }
        }
    }
}

Describe 'After a session' -ForEach @{ Worlds = $script:worlds } {
    BeforeAll {
        $script:folders = Invoke-Session $Worlds
    }

    Context 'with <World>' -ForEach $Worlds {
        BeforeAll {
            $script:folder = $folders[$World]
            $script:left = @(Get-ChildItem -LiteralPath $folder -Recurse -File | Where-Object Name -NE reference.png)
            $script:journal = @($left | Where-Object Name -Like 'journal.db*')
            $script:texts = @($left | Where-Object Extension -EQ .txt)
        }

        It 'every cmdlet was used' {
            $used = Get-Content -LiteralPath (Join-Path $folder used.txt)
            ($used | Sort-Object) -join ' ' | Should -Be (($manifest.ExportedCmdlets.Keys | Sort-Object) -join ' ') -Because 'the table in Leak.Session.ps1 has a line for each'
        }

        It 'much was said' {
            # Otherwise the searches below would find nothing because there is nothing.
            foreach ($name in 'transcript.txt', 'said.txt') {
                $text = Get-Content -LiteralPath (Join-Path $folder $name) -Raw
                $text | Should -Match 'imageInference'
                $text | Should -Match 'positivePrompt' -Because 'Debug shows bodies'
                $text | Should -Match 'sig=\*\*\*|\?\*\*\*' -Because 'it says that there was a query'
            }
            $journal | Should -Not -BeNullOrEmpty
            if ($Faults.Count -eq 0) {
                $left.Extension | Should -Contain '.json' -Because 'a sidecar was written'
                $left.Extension | Should -Contain '.jpg'
            }
        }

        It 'the key is nowhere' {
            Find-Leak $left $secrets.LEAK_KEY | Should -BeNullOrEmpty
            Find-Leak $left ([Convert]::ToBase64String([Text.Encoding]::UTF8.GetBytes($secrets.LEAK_KEY)).Substring(0, 20)) | Should -BeNullOrEmpty
        }

        It 'no query of a signed address is outside the journal' {
            $others = @($left | Where-Object Name -NotLike 'journal.db*')
            Find-Leak $others $secrets.LEAK_HOOK | Should -BeNullOrEmpty
            Find-Leak $others $secrets.LEAK_UPLOAD | Should -BeNullOrEmpty
        }

        # Elsewhere some tasks end unclear, and the journal keeps what it takes to send them again.
        if ($_['Ends']) {
            It 'no query of a signed address is in the journal once its task was accepted' {
                Find-Leak $journal $secrets.LEAK_HOOK | Should -BeNullOrEmpty
                Find-Leak $journal $secrets.LEAK_UPLOAD | Should -BeNullOrEmpty
            }
        }

        It 'nobody is flooded with picture data' {
            foreach ($file in $texts + @($left | Where-Object Extension -In .json, .jpg)) {
                $text = [Text.Encoding]::Latin1.GetString([IO.File]::ReadAllBytes($file.FullName))
                # The engine writes the public keys of assemblies in hex.
                [regex]::Matches($text, '[A-Za-z0-9+/]{200,}').Value | Where-Object { $_ -notmatch '^[0-9a-f]+$' } | Should -BeNullOrEmpty -Because "$($file.Name) should hold no base64"
            }
        }
    }
}

Describe 'Base64 that was asked for' {
    It 'is in the object, and in no view, message or transcript of it' {
        $folder = New-Item -ItemType Directory -Path (Join-Path $TestDrive asked)
        $script = Join-Path $folder session.ps1
        @"
Import-Module '$($manifest.Path)'
`$null = Start-Transcript -LiteralPath '$folder/transcript.txt'
Connect-Runware -Sandbox
'Base64Data', 'DataURI' | ForEach-Object {
    `$image = New-RunwareImage 'a parcel' -OutputType `$_ -Verbose -Debug
    `$image
    `$image | Format-List
    "`$image"
    `$image | Save-RunwareImage -Path '$folder' -FileName "{TaskUuid}" -Sidecar -Verbose -Debug
    "`$_ has `$("`$(`$image.ImageBase64Data)`$(`$image.ImageDataUri)".Length -gt 1000)"
}
`$null = Stop-Transcript
"@ | Set-Content -LiteralPath $script
        $output = (Invoke-Engine -File $script *>&1 | Out-String) + (Get-Content -LiteralPath (Join-Path $folder transcript.txt) -Raw)
        $output | Should -Match 'Base64Data has True'
        $output | Should -Match 'DataURI has True'
        $output + (Get-Content -Path (Join-Path $folder *.json) -Raw) | Should -Not -Match '[A-Za-z0-9+/]{200,}'
    }
}
