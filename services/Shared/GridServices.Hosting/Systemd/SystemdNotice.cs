using System.Globalization;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Hosting.Systemd;
using Microsoft.Extensions.Logging.Console;

namespace GridServices.Hosting.Systemd;

/// <summary>Ready and stopping, as systemd wants to be told.</summary>
internal static class SystemdNotice
{
    /// <summary>
    /// The library asks /proc for the name of its parent, which a unit with ProtectProc=invisible does not show it: the service would be taken for one that never came up.
    /// systemd itself says whom it started.
    /// </summary>
    internal static IServiceCollection AddSystemdNotice(this IServiceCollection services)
    {
        services.AddSystemd();
        if (!SystemdHelpers.IsSystemdService() && Started(Environment.GetEnvironmentVariable("SYSTEMD_EXEC_PID"), Environment.ProcessId))
        {
            services.Configure<ConsoleLoggerOptions>(console => console.FormatterName = ConsoleFormatterNames.Systemd);
            services.AddSingleton<ISystemdNotifier, SystemdNotifier>().AddSingleton<IHostLifetime, SystemdLifetime>();
        }

        return services;
    }

    internal static bool Started(string? process, int self) => string.Equals(process, self.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal);
}
