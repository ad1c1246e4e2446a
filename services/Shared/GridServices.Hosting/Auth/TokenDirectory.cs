using System.Collections.Frozen;
using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Logging;

namespace GridServices.Hosting.Auth;

/// <summary>The tokens in force. The file is looked at again once a second while requests come, so a removed token dies without a restart.</summary>
internal sealed partial class TokenDirectory(AuthOptions options, TimeProvider time, ILogger<TokenDirectory> logger)
{
    private static readonly TimeSpan LookAgain = TimeSpan.FromSeconds(1);
    private readonly Lock _gate = new();
    private volatile FrozenDictionary<string, Known> _tokens = FrozenDictionary<string, Known>.Empty;
    private readonly WatchedTokenFile[] _files =
    [
        .. string.IsNullOrWhiteSpace(options.TokensFile) ? (WatchedTokenFile[])[] : [new(options.TokensFile, controllersOnly: false)],
        .. string.IsNullOrWhiteSpace(options.ControllerTokensFile) ? (WatchedTokenFile[])[] : [new(options.ControllerTokensFile, controllersOnly: true)],
    ];

    private long _lookedAt;

    internal string? File { get; } = options.TokensFile;

    /// <summary>Everybody is operator of tenant <c>default</c>; allowed on loopback only.</summary>
    internal bool AllowAnonymous { get; } = options.AllowAnonymous;

    /// <summary>Loads the file for the first time.</summary>
    /// <exception cref="StartException">It is missing or wrong.</exception>
    internal void Open()
    {
        if (AllowAnonymous)
        {
            LogAnonymous(logger);
            return;
        }

        if (string.IsNullOrWhiteSpace(File))
        {
            throw new StartException(
                "No tokens file is named. Set Auth:TokensFile to a file like {\"tokens\":[{\"id\":\"me\",\"sha256\":\"<sha256sum of the token>\",\"tenant\":\"default\",\"role\":\"operator\"}]} "
                + "(./run makes one), or set Auth:AllowAnonymous=true to serve this machine only, without tokens.");
        }

        _lookedAt = time.GetTimestamp();
        _files[0].Read();
        foreach (var more in _files.Skip(1))
        {
            TryRead(more);
        }

        _tokens = Index();
    }

    /// <summary>The holder of a token, or null. The lookup is by the token's hash, so its timing tells nothing of the tokens there are.</summary>
    internal Known? Find(string token)
    {
        Refresh();
        return _tokens.GetValueOrDefault(TokenEntry.Hash(token));
    }

    /// <summary>A client certificate some token is bound to is trusted by that alone.</summary>
    internal bool IsPinned(X509Certificate2 certificate)
    {
        Refresh();
        var hash = Fingerprint(certificate);
        return _tokens.Values.Any(known => string.Equals(known.CertificateSha256, hash, StringComparison.Ordinal));
    }

    internal static string Fingerprint(X509Certificate2 certificate) =>
        Convert.ToHexStringLower(certificate.GetCertHash(System.Security.Cryptography.HashAlgorithmName.SHA256));

    private void Refresh()
    {
        if (File is null || time.GetElapsedTime(Interlocked.Read(ref _lookedAt)) < LookAgain)
        {
            return;
        }

        lock (_gate)
        {
            _lookedAt = time.GetTimestamp();
            // Every file is looked at, also where the first has changed.
            IReadOnlyList<WatchedTokenFile> changed = [.. _files.Where(TryRead)];
            if (changed.Count > 0)
            {
                _tokens = Index();
                LogReloaded(logger, File, _tokens.Count);
            }
        }
    }

    private bool TryRead(WatchedTokenFile file)
    {
        try
        {
            return file.Read();
        }
        catch (StartException wrong)
        {
            // A half-written or broken file must not lock everybody out: the last good one stays in force.
            LogKept(logger, wrong.Message);
            return false;
        }
    }

    private FrozenDictionary<string, Known> Index() => _files.SelectMany(file => file.Entries)
        .DistinctBy(token => token.Sha256.ToLowerInvariant(), StringComparer.Ordinal)
        .ToFrozenDictionary(
            token => token.Sha256.ToLowerInvariant(),
            token => new Known(
                new Caller(token.Id, token.Tenant, token.Role, token.Sites?.ToFrozenSet(StringComparer.Ordinal)), token.CertificateSha256?.ToLowerInvariant()),
            StringComparer.Ordinal);

    internal sealed record Known(Caller Caller, string? CertificateSha256);

    [LoggerMessage(EventIds.TokenDirectoryReloaded, LogLevel.Information, "Tokens reloaded from {File}: {Count}")]
    private static partial void LogReloaded(ILogger logger, string file, int count);

    [LoggerMessage(EventIds.TokenDirectoryKept, LogLevel.Error, "The tokens stay as they were: {Reason}")]
    private static partial void LogKept(ILogger logger, string reason);

    [LoggerMessage(EventIds.TokenDirectoryAnonymous, LogLevel.Warning, "Auth:AllowAnonymous is on: every process on this machine may do everything here")]
    private static partial void LogAnonymous(ILogger logger);
}
