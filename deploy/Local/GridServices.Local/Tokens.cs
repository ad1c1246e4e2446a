using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace GridServices.Local;

/// <summary>The development tokens of this data folder: plain for the person, hashed for the services.</summary>
internal sealed record Tokens(string Publisher, string Controller, string Operator)
{
    private static readonly JsonSerializerOptions Json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        WriteIndented = true,
        DefaultIgnoreCondition = JsonIgnoreCondition.Never,
    };

    public static Tokens LoadOrCreate(DataFolder folder, IReadOnlyList<string> controllerSites)
    {
        var tokens = Load(folder.TokensFile) ?? new Tokens(Draw("publisher"), Draw("controller"), Draw("operator"));
        WritePrivately(folder.TokensFile, JsonSerializer.Serialize(tokens, Json));
        WritePrivately(folder.HashedTokensFile, JsonSerializer.Serialize(
            new
            {
                tokens = new[]
                {
                    Entry("publisher", tokens.Publisher, null),
                    Entry("controller", tokens.Controller, controllerSites),
                    Entry("operator", tokens.Operator, null),
                },
            },
            Json));
        return tokens;
    }

    private static Tokens? Load(string path)
    {
        try
        {
            return File.Exists(path) ? JsonSerializer.Deserialize<Tokens>(File.ReadAllText(path), Json) : null;
        }
        catch (JsonException)
        {
            throw new LaunchException($"{path} is not readable as JSON. Correct it, or delete it to have new development tokens made.");
        }
    }

    private static object Entry(string role, string token, IReadOnlyList<string>? sites) => new
    {
        id = $"development-{role}",
        sha256 = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(token))),
        tenant = "default",
        role,
        sites,
    };

    private static string Draw(string role) => $"dev-{role}-{Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16))}";

    private static void WritePrivately(string path, string text)
    {
        var fresh = path + ".new";
        var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        using (var file = new FileStream(fresh, options))
        {
            file.Write(Encoding.UTF8.GetBytes(text));
        }

        File.Move(fresh, path, overwrite: true);
    }
}
