using GridServices.Hosting;
using GridServices.Hosting.Configuration;
using GridServices.Operations.Service.Storage;

namespace GridServices.Operations.Service.Controllers;

/// <summary>What the pages and endpoints of controllers need.</summary>
internal static class ControllersSetup
{
    internal static void AddControllers(this WebApplicationBuilder builder) => builder.Services
        .AddSettings<ControllerOptions>().AddSingleton<ControllerTokenStore>().AddSingleton<ControllerTokensFile>().AddSingleton<ControllerCommands>()
        .AddSingleton<ControllerReader>().AddSingleton<ControllerReceipts>()
        .AddRecurringJob<ControllerTokensFile>(ControllerTokenStore.FileJob, "* * * * *", runsAtStart: true);
}
