using System.Security.Cryptography;
using System.Text;
using GridServices.Hosting.Storage;

namespace GridServices.Operations.Service.SignIn;

/// <summary>
/// While nobody can sign in: a code, told once in the log and in <c>setup-code.txt</c> beside the store, lets its reader make the first administrator at
/// <c>/setup</c>. There is no account that every installation has. <c>SignIn:SetupCode</c> gives the code beforehand, for starters that print it themselves.
/// </summary>
internal sealed partial class FirstAdmin(UserStore users, SignInOptions options, StorageOptions storage, ILogger<FirstAdmin> logger) : IHostedService
{
    private const int CodeBytes = 10;
    private readonly string _file = Path.Combine(storage.Folder, "setup-code.txt");
    private volatile string? _code;

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        if (await users.AnyAsync(cancellationToken))
        {
            return;
        }

        _code = options.SetupCode is { Length: > 0 } given ? given : Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(CodeBytes));
        OwnerOnlyFiles.EnsureFile(_file);
        await File.WriteAllTextAsync(_file, _code + "\n", cancellationToken);
        LogCode(logger, _code, _file);
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Whether the first administrator is still to be made.</summary>
    internal async Task<bool> IsOpenAsync(CancellationToken ct)
    {
        if (_code is not null && await users.AnyAsync(ct))
        {
            Close();
        }

        return _code is not null;
    }

    /// <summary>Compared in a time that tells nothing of the code.</summary>
    internal bool Admits(string? code) => _code is { } wanted && code is not null
        && CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(code.Trim()), Encoding.UTF8.GetBytes(wanted));

    /// <summary>There is an administrator: the code counts no more.</summary>
    internal void Close()
    {
        _code = null;
        File.Delete(_file);
    }

    [LoggerMessage(EventIds.FirstAdminSetup, LogLevel.Warning, "Nobody can sign in yet. Open /setup in a browser and enter the code {Code} to make the first administrator (also in {File})")]
    private static partial void LogCode(ILogger logger, string code, string file);
}
