using System.Net;
using System.Text.Json.Nodes;
using GridServices.Hosting;
using GridServices.Hosting.Moving;
using GridServices.Hosting.Storage;
using Microsoft.AspNetCore.Builder;
using Xunit;

namespace GridServices.Testing;

/// <summary>The command <c>move-store</c>, as docs/operations.md has people use it.</summary>
public static class MovedStore
{
    /// <summary>Moves the store of a service that is stopped.</summary>
    /// <returns>Where it is now: a schema of its own, and the folder as before.</returns>
    public static async Task<TestStore> MoveAsync(Func<string[], WebApplication> build, TestStore from)
    {
        var to = from.OnPostgreSql();
        var (code, said) = await RunAsync(build, from, to);
        Assert.True(code == 0, said);
        return to;
    }

    /// <summary>Runs the command in this process.</summary>
    public static async Task<(int Code, string Said)> RunAsync(
        Func<string[], WebApplication> build, TestStore from, TestStore to, IReadOnlyList<string>? more = null, TextWriter? output = null, CancellationToken ct = default)
    {
        await using var said = new StringWriter();
        var code = await MoveStoreCommand.RunAsync(
            ["move-store", "--to", to.Options.PostgreSql!, $"--schema={to.Schema}", $"--Storage:Path={from.Folder}", .. more ?? []], build, output ?? said, ct);
        return (code, (output ?? said).ToString()!);
    }

    /// <summary>What a service was asked before its store was moved it answers alike afterwards, and it does not start on the old store any more.</summary>
    /// <param name="build">The service.</param>
    /// <param name="fill">Makes things through the API; gives the paths to compare, <c>#name</c> behind one for a single member of the answer.</param>
    /// <param name="arguments">Further command-line arguments.</param>
    /// <param name="after">Asked of the moved service.</param>
    public static async Task DemandSameAsync(
        Func<string[], WebApplication> build, Func<HttpClient, Task<IReadOnlyList<string>>> fill, IReadOnlyList<string>? arguments = null, Func<HttpClient, Task>? after = null)
    {
        await using var place = TestStores.Create(Dialect.Sqlite);
        string[] all = ["--Hub:Url=http://127.0.0.1:9", "--Hub:Token=x", "--Logging:LogLevel:Default=None", .. arguments ?? []];
        List<(string Path, string Body)> before = [];
        await using (var service = await ServiceApp.StartAsync(build, place, all))
        {
            using var person = service.Client(service.Tokens.Operator);
            foreach (var path in await fill(person))
            {
                before.Add((path, await AnswerAsync(person, path)));
            }
        }

        await using var moved = await MoveAsync(build, place);
        await using (var service = await ServiceApp.StartAsync(build, moved, all))
        {
            using var person = service.Client(service.Tokens.Operator);
            await Until.HoldsAsync(async () => await person.GetAsync("/health/ready"), ready => ready.StatusCode == HttpStatusCode.OK);
            foreach (var (path, body) in before)
            {
                Assert.Equal((path, body), (path, await AnswerAsync(person, path)));
            }

            await (after?.Invoke(person) ?? Task.CompletedTask);
        }

        var refused = await Assert.ThrowsAsync<StartException>(() => ServiceApp.StartAsync(build, place, all));
        Assert.Contains($"was moved to PostgreSQL", refused.Message, StringComparison.Ordinal);
    }

    private static async Task<string> AnswerAsync(HttpClient person, string path)
    {
        var parts = path.Split('#');
        using var answer = await person.GetAsync(parts[0]);
        var body = await answer.Content.ReadAsStringAsync();
        Assert.True(answer.StatusCode == HttpStatusCode.OK, $"GET {path}: {(int)answer.StatusCode} {body}");
        return parts.Length == 1 ? body : (JsonNode.Parse(body)![parts[1]] ?? throw new InvalidOperationException($"{path} is not in {body}")).ToJsonString();
    }
}
