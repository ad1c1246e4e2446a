using GridServices.Hosting;
using GridServices.Hosting.Auth;
using GridServices.Operations.Service.Storage;

namespace GridServices.Operations.Service.Controllers;

/// <summary>
/// The tokens file that the hub watches beside its own, made anew from the store after each change, at the start and each minute: what a crash or a full
/// disk left out is made up for. It can hold tokens of controllers only, so that who writes it never gains more.
/// </summary>
internal sealed partial class ControllerTokensFile(ControllerTokenStore store, ControllerOptions options, ILogger<ControllerTokensFile> logger) : IRecurringJob, IDisposable
{
    private readonly SemaphoreSlim _one = new(1);

    /// <summary>Whether tokens can be issued at all.</summary>
    internal bool IsSetUp => !string.IsNullOrWhiteSpace(options.TokensFile);

    public Task RunAsync(CancellationToken ct) => WriteAsync(ct);

    /// <returns>Null: the hub's file says what the store says; else why it does not yet.</returns>
    internal async Task<string?> WriteAsync(CancellationToken ct)
    {
        if (options.TokensFile is not { Length: > 0 } path)
        {
            return null;
        }

        await _one.WaitAsync(ct);
        try
        {
            var wanted = new List<TokenEntry>();
            foreach (var tenant in await store.TenantsAsync(ct))
            {
                wanted.AddRange((await store.InForceAsync(tenant, ct)).Select(t => new TokenEntry { Id = t.HubId, Sha256 = t.Sha256, Tenant = tenant, Role = Role.Controller, Sites = [t.SiteId] }));
            }

            if (!IsSame(path, wanted))
            {
                TokenFile.Write(path, wanted);
            }

            return null;
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            LogNotWritten(logger, path, fault.Message);
            return fault.Message;
        }
        finally
        {
            _one.Release();
        }
    }

    public void Dispose() => _one.Dispose();

    private static bool IsSame(string path, IReadOnlyList<TokenEntry> wanted)
    {
        try
        {
            return File.Exists(path) && TokenFile.Read(path).Select(t => (t.Id, t.Sha256, t.Tenant)).SequenceEqual(wanted.Select(t => (t.Id, t.Sha256, t.Tenant)));
        }
        catch (StartException)
        {
            return false;
        }
    }

    [LoggerMessage(EventIds.ControllerTokensNotWritten, LogLevel.Error,
        "The tokens of controllers could not be written to {File}: {Reason}. It is tried again each minute; until then the hub goes by the file as it is")]
    private static partial void LogNotWritten(ILogger logger, string file, string reason);
}
