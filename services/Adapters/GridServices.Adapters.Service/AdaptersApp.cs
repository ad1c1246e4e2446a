using GridServices.Adapters.Service.Settings;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Configuration.EnvironmentVariables;
using Microsoft.Extensions.Configuration.Json;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace GridServices.Adapters.Service;

/// <summary>The program: settings, one worker, a log. <c>--Config FILE</c> names a JSON file above appsettings.json and below environment and command line.</summary>
internal static class AdaptersApp
{
    /// <summary>Ready to run; null: the settings can't work, and all that is wrong with them was written to <paramref name="errors"/>.</summary>
    public static IHost? Build(string[] args, TextWriter errors)
    {
        var builder = Host.CreateApplicationBuilder(args);
        if (AddFile(builder.Configuration) is { } unread)
        {
            errors.WriteLine(unread);
            return null;
        }

        var (plans, faults) = AdapterReader.Read(builder.Configuration);
        if (faults.Count > 0)
        {
            errors.WriteLine($"The settings can't work; nothing was started.\n  {string.Join("\n  ", faults)}\ndocs/adapters.md describes every setting.");
            return null;
        }

        builder.Services.AddSystemd();
        builder.Services.AddSingleton(plans);
        builder.Services.AddSingleton(TimeProvider.System);
        builder.Services.AddHostedService<AdapterWorker>();
        return builder.Build();
    }

    private static string? AddFile(ConfigurationManager configuration)
    {
        if (configuration["Config"] is not { Length: > 0 } file)
        {
            return null;
        }

        try
        {
            var source = new JsonConfigurationSource { Path = Path.GetFullPath(file) };
            source.ResolveFileProvider();
            configuration.Sources.Insert(configuration.Sources.ToList().FindLastIndex(s => s is EnvironmentVariablesConfigurationSource), source);
            return null;
        }
        catch (Exception unread) when (unread is IOException or UnauthorizedAccessException or InvalidDataException)
        {
            return $"--Config {file} can't be read: {unread.InnerException?.Message ?? unread.Message}";
        }
    }
}
