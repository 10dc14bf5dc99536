# The module's packages and those of its neighbors. Each case has a process of its own. RUNWAREPS_MODULE names the module's folder or manifest.

BeforeAll {
    Import-Module ([IO.Path]::Combine($PSScriptRoot, '..', '..', 'build', 'Engine', 'Engine.psm1'))
    $module = $env:RUNWAREPS_MODULE ? $env:RUNWAREPS_MODULE : [IO.Path]::Combine($PSScriptRoot, '..', '..', 'out', 'RunwarePS')
    $script:folder = (Test-Path $module -PathType Container) ? (Convert-Path -LiteralPath $module) : (Split-Path (Convert-Path -LiteralPath $module))

    # Runs a script in a fresh process and gives what it wrote.
    function Invoke-Fresh([string] $Script) {
        $text = "`$ErrorActionPreference = 'Stop'`nSet-StrictMode -Version Latest`n`$module = '$folder'`n$Script"
        $encoded = [Convert]::ToBase64String([Text.Encoding]::Unicode.GetBytes($text))
        $output = Invoke-Engine -OutputFormat Text -EncodedCommand $encoded 2>&1 | ForEach-Object { "$_" }
        $LASTEXITCODE | Should -Be 0 -Because ($output -join "`n")
        $output
    }

    # An assembly of another version with nothing in it: whoever takes it for the real one fails.
    function Get-Neighbour([string] $Name) {
        Add-Type -TypeDefinition 'public static class LoadsTheCompiler { }'
        $tree = [Microsoft.CodeAnalysis.CSharp.CSharpSyntaxTree]::ParseText('[assembly: System.Reflection.AssemblyVersion("2.0.0.0")]')
        $core = [Microsoft.CodeAnalysis.MetadataReference]::CreateFromFile([object].Assembly.Location)
        $compilation = [Microsoft.CodeAnalysis.CSharp.CSharpCompilation]::Create($Name, [Microsoft.CodeAnalysis.SyntaxTree[]] @($tree),
            [Microsoft.CodeAnalysis.MetadataReference[]] @($core), [Microsoft.CodeAnalysis.CSharp.CSharpCompilationOptions]::new('DynamicallyLinkedLibrary'))
        $path = Join-Path $TestDrive "$Name.dll"
        $file = [IO.File]::Create($path)
        try {
            $compilation.Emit($file).Success | Should -BeTrue
        }
        finally {
            $file.Dispose()
        }
        $path
    }

    $script:picture = @'
Import-Module $module
Connect-Runware -Sandbox
$folder = Join-Path ([IO.Path]::GetTempPath()) "runwareps-$([guid]::NewGuid().ToString('N'))"
$file = New-RunwareImage 'a quiet neighbor' | Save-RunwareImage -Path $folder
"saved $($file.Length -gt 0)"
Remove-Item -LiteralPath $folder -Recurse
'@

    $script:inDefault = @'
[Runtime.Loader.AssemblyLoadContext]::Default.Assemblies | Where-Object { -not $_.IsDynamic } | ForEach-Object { $_.GetName().Name }
'@
}

Describe 'The default load context' {
    It 'holds no package of ours after a picture was made and saved' {
        $output = Invoke-Fresh "$picture`n$inDefault"

        $output[0] | Should -Be 'saved True'
        $ours = (Get-ChildItem -LiteralPath (Join-Path $folder lib) -Filter *.dll).BaseName | Where-Object { $_ -ne 'System.Diagnostics.DiagnosticSource' }
        $output | Where-Object { $_ -in $ours -or $_ -like 'Microsoft.Extensions.*' -or $_ -like 'SQLite*' } | Should -BeNullOrEmpty
    }

    It 'loads nothing for a database while the journal is a file' {
        $output = Invoke-Fresh "$picture`n[AppDomain]::CurrentDomain.GetAssemblies() | ForEach-Object { `$_.GetName().Name }"

        $output | Should -Contain 'Microsoft.Data.Sqlite'
        $output | Where-Object { $_ -in 'Npgsql', 'RunwarePS.Journal.PostgreSql' } | Should -BeNullOrEmpty
    }

    It 'holds nothing but our own after the import' {
        $output = Invoke-Fresh "Import-Module `$module`n[AppDomain]::CurrentDomain.GetAssemblies() | Where-Object { -not `$_.IsDynamic -and `$_.Location -like `"`$module*`" } | ForEach-Object { `$_.GetName().Name }"

        $output | Where-Object { $_ -notlike 'RunwarePS*' } | Should -BeNullOrEmpty
        $output | Where-Object { $_ -in 'RunwarePS.Http', 'RunwarePS.Journal.PostgreSql', 'RunwarePS.Journal.Sqlite' } | Should -BeNullOrEmpty
    }
}

Describe 'A neighbor with an older package' {
    It 'that was loaded first does no harm, and stays what it is: <Name>' -ForEach @(
        @{ Name = 'Microsoft.Extensions.Logging.Abstractions' }
        @{ Name = 'Microsoft.Extensions.DependencyInjection.Abstractions' }
        @{ Name = 'Microsoft.Extensions.Options' }
        @{ Name = 'Microsoft.Data.Sqlite' }
        @{ Name = 'Npgsql' }
    ) {
        $old = Get-Neighbour $Name

        $output = Invoke-Fresh @"
`$neighbor = [Runtime.Loader.AssemblyLoadContext]::Default.LoadFromAssemblyPath('$old')
$picture
[Runtime.Loader.AssemblyLoadContext]::Default.Assemblies | Where-Object { `$_.GetName().Name -eq '$Name' } | ForEach-Object { "`$(`$_.GetName().Version)" }
"@
        $output | Should -Be 'saved True', '2.0.0.0'
    }

    It 'that really is older does no harm' {
        $packages = $env:NUGET_PACKAGES ? $env:NUGET_PACKAGES : [IO.Path]::Combine([Environment]::GetFolderPath('UserProfile'), '.nuget', 'packages')
        $ours = (Get-Item -LiteralPath ([IO.Path]::Combine($folder, 'lib', 'Microsoft.Extensions.Logging.Abstractions.dll'))).VersionInfo.FileVersionRaw
        $older = @(
            Get-ChildItem -LiteralPath $PSHOME -Filter Microsoft.Extensions.Logging.Abstractions.dll
            Get-ChildItem -Path ([IO.Path]::Combine($packages, 'microsoft.extensions.logging.abstractions', '*', 'lib', 'netstandard2.0', 'Microsoft.Extensions.Logging.Abstractions.dll')) -ErrorAction Ignore
        ) | Where-Object { $_.VersionInfo.FileVersionRaw -lt $ours } | Select-Object -First 1
        if (-not $older) {
            Set-ItResult -Skipped -Because 'this machine has no older Microsoft.Extensions.Logging.Abstractions'
            return
        }

        Invoke-Fresh "`$null = [Reflection.Assembly]::LoadFrom('$($older.FullName)')`n$picture" | Should -Be 'saved True'
    }
}

Describe 'A second copy of the module' {
    BeforeAll {
        $script:copy = Join-Path $TestDrive 'second' 'RunwarePS'
        $null = New-Item (Split-Path $copy) -ItemType Directory
        Copy-Item -LiteralPath $folder -Destination $copy -Recurse
        $script:other = Join-Path $TestDrive 'other' 'RunwarePS'
        $null = New-Item (Split-Path $other) -ItemType Directory
        Copy-Item -LiteralPath $folder -Destination $other -Recurse

        # Another build of the same code: its module version id differs.
        $file = Join-Path $other RunwarePS.dll
        $id = [Reflection.Assembly]::LoadFrom((Join-Path $folder RunwarePS.dll)).ManifestModule.ModuleVersionId.ToByteArray()
        $bytes = [IO.File]::ReadAllBytes($file)
        $text = [Text.Encoding]::Latin1.GetString($bytes)
        $bytes[$text.IndexOf([Text.Encoding]::Latin1.GetString($id), [StringComparison]::Ordinal)] = $id[0] -bxor 255
        [IO.File]::WriteAllBytes($file, $bytes)
    }

    It 'of the same build works beside the first' {
        $output = Invoke-Fresh @"
Import-Module `$module
Import-Module '$copy'
Connect-Runware -Sandbox
(New-RunwareImage 'a twin').Prompt
`$Error.Count
"@
        $output | Should -Be 'a twin', '0'
    }

    It 'of another build is one error that says why' {
        $output = Invoke-Fresh @"
Import-Module `$module
try { Import-Module '$other' } catch { "`$_" }
"`$(@(Get-Module RunwarePS).Count) module"
"@
        $output | Should -HaveCount 2
        $output[0] | Should -Match 'Assembly with same name is already loaded'
        $output[1] | Should -Be '1 module'
    }
}
