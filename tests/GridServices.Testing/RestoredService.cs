using System.Net;
using System.Text;
using GridServices.Hosting.Storage;
using Microsoft.AspNetCore.Builder;
using Xunit;

namespace GridServices.Testing;

/// <summary>Yesterday's copy put back by the procedure of docs/operations.md, tried on a whole service.</summary>
public static class RestoredService
{
    /// <summary>What the copy holds is served as it was, what came after it is gone and can be made anew, and the service is ready without a person.</summary>
    /// <param name="build">The service.</param>
    /// <param name="name">The name of its store.</param>
    /// <param name="dialect">Where it stores.</param>
    /// <param name="make">Makes something of a name through the API; gives its path.</param>
    /// <param name="arguments">Further command-line arguments.</param>
    public static async Task DemandWholeAsync(Func<string[], WebApplication> build, string name, Dialect dialect, Func<HttpClient, string, Task<string>> make, params string[] arguments)
    {
        await using var store = new BackedUpStore(TestStores.Create(dialect), name);
        string[] all = ["--Hub:Url=http://127.0.0.1:9", "--Hub:Token=x", "--Logging:LogLevel:Default=None", .. arguments];
        string copy, kept, later;
        await using (var service = await ServiceApp.StartAsync(build, store.Place, all))
        {
            using var person = service.Client(service.Tokens.Operator);
            kept = await make(person, "kept");
            copy = await store.BackUpAsync();
            later = await make(person, "later");
            await DemandAsync(person, kept, HttpStatusCode.OK);
            await DemandAsync(person, later, HttpStatusCode.OK);
        }

        await store.RestoreAsync(copy);
        await using (var service = await ServiceApp.StartAsync(build, store.Place, all))
        {
            using var person = service.Client(service.Tokens.Operator);
            await Until.HoldsAsync(async () => await person.GetAsync("/health/ready"), ready => ready.StatusCode == HttpStatusCode.OK);
            await DemandAsync(person, kept, HttpStatusCode.OK);
            await DemandAsync(person, later, HttpStatusCode.NotFound);
            await DemandAsync(person, await make(person, "later"), HttpStatusCode.OK);
        }
    }

    /// <summary>PUTs a body; gives the path.</summary>
    public static async Task<string> PutAsync(HttpClient person, string path, string json)
    {
        using var body = new StringContent(json, Encoding.UTF8, "application/json");
        using var answer = await person.PutAsync(path, body);
        Assert.True(answer.StatusCode == HttpStatusCode.Created, $"PUT {path}: {(int)answer.StatusCode} {await answer.Content.ReadAsStringAsync()}");
        return path;
    }

    private static async Task DemandAsync(HttpClient person, string path, HttpStatusCode expected)
    {
        using var answer = await person.GetAsync(path);
        Assert.True(answer.StatusCode == expected, $"GET {path}: {(int)answer.StatusCode} {await answer.Content.ReadAsStringAsync()}");
    }
}
