using GridServices.Hosting;
using GridServices.Hosting.Configuration;
using GridServices.Hosting.Hub;
using GridServices.Hosting.Publishing;
using GridServices.Tariffs.Service.Calculations;
using GridServices.Tariffs.Service.Carbon;
using GridServices.Tariffs.Service.Invoices;
using GridServices.Tariffs.Service.Meters;
using GridServices.Tariffs.Service.Midas;
using GridServices.Tariffs.Service.Prices;
using GridServices.Tariffs.Service.Registry;
using GridServices.Tariffs.Service.Runs;
using GridServices.Tariffs.Service.Weather;
using NodaTime;

namespace GridServices.Tariffs.Service;

/// <summary>The tariff service: exact bills and settlements, live demand, prices. Default port 5130.</summary>
public static class TariffsApp
{
    public static WebApplication Build(string[] args) => Build(args, null);

    /// <param name="args">The command line.</param>
    /// <param name="clock">What the time is; null: the system's clock.</param>
    internal static WebApplication Build(string[] args, IClock? clock)
    {
        var identity = new ServiceIdentity("tariffs", 5130, typeof(TariffsApp).Assembly);
        var builder = GridService.CreateBuilder(args, identity);
        if (clock is not null)
        {
            builder.Services.AddSingleton(clock);
        }

        builder.Services.AddSingleton(TariffsApi.About);
        builder.Services.AddOutbox();
        builder.Services.AddSingleton<TariffStore>().AddSingleton<HeldTariffs>().AddSettings<ApprovalOptions>().AddSettings<CalculationOptions>().AddSingleton<CalculationLimiter>();
        builder.Services.AddHostedService<WarmUp>();
        builder.AddMeters(identity);
        builder.AddPrices();
        builder.AddBillingRuns();
        builder.Services.AddSingleton<BasisReader>().AddSingleton<InvoiceService>();
        var app = builder.Build().UseGridService();
        app.MapTariffs();
        app.MapApprovals();
        app.MapBills();
        app.MapIntervalPreview();
        app.MapComparisons();
        app.MapStatementComparisons();
        app.MapSettlements();
        app.MapAllocations();
        app.MapMeters();
        app.MapMeterIntervals();
        app.MapSources();
        app.MapDemand();
        app.MapSitePrices();
        app.MapPriceSeries();
        app.MapMidas();
        app.MapGridIntensity();
        app.MapTemperatures();
        app.MapCarbonReports();
        app.MapSiteCarbon();
        app.MapBillingRuns();
        app.MapParties();
        app.MapInvoices();
        return app;
    }

    private static void AddBillingRuns(this WebApplicationBuilder builder) => builder.Services
        .AddSingleton<MeterBilling>()
        .AddSingleton<BillingRunner>()
        .AddHostedService(s => s.GetRequiredService<BillingRunner>());

    private static void AddPrices(this WebApplicationBuilder builder) => builder.Services
        .AddSettings<DayAheadOptions>()
        .AddSingleton<EntsoeClient>()
        .AddSettings<HubPriceOptions>()
        .AddSingleton<HubPrices>()
        .AddRecurringJob<DayAheadFetcher>("day-ahead-prices", "* * * * *")
        .AddSettings<MidasOptions>()
        .AddSingleton<MidasClient>()
        .AddRecurringJob<MidasFetcher>("midas", "* * * * *");

    private static void AddMeters(this WebApplicationBuilder builder, ServiceIdentity identity)
    {
        builder.AddHubLink(identity);
        builder.Services
            .AddSingleton<StreamStore>()
            .AddSingleton<PriceStreams>()
            .AddSingleton<MeterHealth>()
            .AddSingleton<MeterUpdater>()
            .AddHostedService<MeterTimer>();

        // A reading is to be an envelope within a second; what comes together is still one commit.
        builder.AddFeedback<MeterFeedbackHandler>(batchTime: TimeSpan.FromMilliseconds(200));
        builder.AddUpstreamHealth<MeterHealth>().AddStreamHearing<MeterHealth>();
    }
}
