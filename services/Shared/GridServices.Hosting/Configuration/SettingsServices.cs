using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace GridServices.Hosting.Configuration;

/// <summary>Registers records of settings: bound from their section, validated before the service starts.</summary>
public static class SettingsServices
{
    /// <summary>The record itself, to be asked for by type. Calling it twice does no harm.</summary>
    public static IServiceCollection AddSettings<T>(this IServiceCollection services)
        where T : class, ISettings
    {
        if (services.Any(known => known.ServiceType == typeof(T)))
        {
            return services;
        }

        services.AddOptions<T>().BindConfiguration(T.Section).ValidateOnStart();
        return services
            .AddSingleton(new KnownSettings(typeof(T), T.Section))
            .AddSingleton<IValidateOptions<T>, SettingsValidator<T>>()
            .AddSingleton(provider => provider.GetRequiredService<IOptions<T>>().Value);
    }

    /// <summary>The record now, for what is decided before there are services.</summary>
    /// <exception cref="StartException">One of its values can't be meant.</exception>
    public static T ReadSettings<T>(this IConfiguration configuration)
        where T : class, ISettings, new()
    {
        ArgumentNullException.ThrowIfNull(configuration);
        var settings = (T.Section.Length == 0 ? configuration : configuration.GetSection(T.Section)).Get<T>() ?? new T();
        SettingsValidator<T>.Require(settings);
        return settings;
    }
}

/// <summary>A record of settings that a service uses.</summary>
public sealed record KnownSettings(Type Type, string Section);

/// <summary>Puts all faults of a record into the one line that people see when a service can't start.</summary>
internal sealed class SettingsValidator<T> : IValidateOptions<T>
    where T : class, ISettings
{
    public ValidateOptionsResult Validate(string? name, T options)
    {
        Require(options);
        return ValidateOptionsResult.Success;
    }

    internal static void Require(T settings)
    {
        var faults = string.Join(' ', settings.Validate());
        if (faults.Length > 0)
        {
            throw new StartException(faults);
        }
    }
}
