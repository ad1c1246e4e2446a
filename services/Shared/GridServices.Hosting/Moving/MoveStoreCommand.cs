using GridServices.Contracts;
using GridServices.Hosting.Clustering;
using GridServices.Hosting.Storage;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using NodaTime;
using Npgsql;

namespace GridServices.Hosting.Moving;

/// <summary><c>service move-store</c>: the store goes from SQLite to PostgreSQL, with the service's own settings and without starting it.</summary>
internal static class MoveStoreCommand
{
    internal static bool IsAsked(string[] args) => args is ["move-store", ..];

    /// <returns>0: it was moved. 1: it was not; one line says why. 2: the command can't be meant.</returns>
    internal static async Task<int> RunAsync(string[] args, Func<string[], WebApplication> build, TextWriter output, CancellationToken ct = default)
    {
        if (MoveArguments.Parse(args[1..], out var problem) is not { } asked)
        {
            await output.WriteLineAsync(problem);
            await output.WriteLineAsync(MoveArguments.Usage);
            return 2;
        }

        try
        {
            await using var app = build([.. asked.Settings]);
            await MoveAsync(app.Services, asked, output, ct);
            return 0;
        }
        catch (Exception fault) when (fault is System.Data.Common.DbException or OperationCanceledException or IOException || StartFault.Explain(fault) is not null)
        {
            await output.WriteLineAsync(SafeText.Line(StartFault.Explain(fault) ?? fault.Message));
            return 1;
        }
    }

    private static async Task MoveAsync(IServiceProvider services, MoveArguments asked, TextWriter output, CancellationToken ct)
    {
        var (identity, storage) = (services.GetRequiredService<ServiceIdentity>(), services.GetRequiredService<StorageOptions>());
        var to = asked.To ?? (storage.PostgreSql is { Length: > 0 } own ? own : services.GetRequiredService<ClusterOptions>().PostgreSql);
        if (string.IsNullOrWhiteSpace(to))
        {
            throw new StartException("Where the store is to go is not said: name a connection string with --to, or with Storage:PostgreSql or Cluster:PostgreSql.");
        }

        var move = new StoreMove(
            identity,
            storage.Folder,
            [identity.Migrations, .. services.GetServices<StorePart>().Select(part => part.Migrations)],
            [.. services.GetServices<MoveEnding>()],
            services.GetRequiredService<IClock>(),
            output);
        await move.RunAsync(Patient(to), asked.Schema ?? (storage.Schema is { Length: > 0 } schema ? schema : identity.Name.Replace('-', '_')), asked.EmptyTarget, ct);
    }

    /// <summary>A large table takes longer than a service's statement may.</summary>
    private static string Patient(string connection)
    {
        try
        {
            return new NpgsqlConnectionStringBuilder(connection) { CommandTimeout = 0 }.ToString();
        }
        catch (ArgumentException wrong)
        {
            throw new StartException($"The connection string of the target can't be read: {wrong.Message}", wrong);
        }
    }
}
