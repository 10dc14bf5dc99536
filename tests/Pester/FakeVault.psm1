# A vault as far as scripts see it, for tests: the two commands of Microsoft.PowerShell.SecretManagement that docs/keys.md uses.

Set-StrictMode -Version Latest
$script:secrets = @{}

<#
.SYNOPSIS
    Puts a secret in.
#>
function Set-Secret {
    [Diagnostics.CodeAnalysis.SuppressMessageAttribute('PSUseShouldProcessForStateChangingFunctions', '')]
    [CmdletBinding()]
    param(
        [Parameter(Mandatory, Position = 0)] [string] $Name,
        [Parameter(Mandatory)] [object] $Secret
    )

    $script:secrets[$Name] = $Secret
}

<#
.SYNOPSIS
    Takes it out: as a SecureString or a credential, or as plain text where that is asked for. One that is not there is an error.
#>
function Get-Secret {
    [CmdletBinding()]
    param(
        [Parameter(Mandatory, Position = 0)] [string] $Name,
        [switch] $AsPlainText
    )

    $secret = $script:secrets[$Name]
    if ($null -eq $secret) {
        Write-Error "The secret $Name was not found."
    }
    elseif ($AsPlainText -and $secret -is [securestring]) {
        ConvertFrom-SecureString $secret -AsPlainText
    }
    else {
        $secret
    }
}

Export-ModuleMember -Function Get-Secret, Set-Secret
