using GridServices.Hosting.Auth;
using GridServices.Operations.Service.Live;
using GridServices.Operations.Service.SignIn;
using Microsoft.AspNetCore.Mvc.ApplicationParts;

namespace GridServices.Operations.Service.Console;

/// <summary>The console that people use, at <c>/</c>: pages made on the server, readable and operable without script.</summary>
internal static class ConsoleSetup
{
    internal static WebApplicationBuilder AddConsole(this WebApplicationBuilder builder)
    {
        builder.AddSignIn();
        builder.Services.AddHttpContextAccessor();
        builder.Services.AddScoped<PageUi>().AddScoped<Search>().AddSingleton<SitePictures>().AddSingleton<DoctorReports>().AddSingleton<RawMessages>().AddSingleton<SavedFilters>();
        builder.Services.AddAntiforgery(options =>
        {
            options.Cookie.Name = "gs-form";
            options.Cookie.SecurePolicy = CookieSecurePolicy.SameAsRequest;
            // The pages' own policy says frame-ancestors 'none'.
            options.SuppressXFrameOptionsHeader = true;
        });

        // The framework would look for pages in an assembly of the application's name, which is the service's name and no assembly.
        builder.Services.AddSingleton(new ApplicationPartManager());
        builder.Services
            .AddRazorPages(options =>
            {
                options.RootDirectory = "/Console/Pages";
                options.Conventions.AddPageRoute("/Sites/Form", "/sites/{siteId}/edit");
            })
            .AddMvcOptions(options =>
            {
                options.Filters.Add<PermissionFilter>();
                options.Filters.Add<JsonFilter>();
                options.Filters.Add<ProblemFilter>();
            })
            .AddApplicationPart(typeof(ConsoleSetup).Assembly);
        return builder;
    }

    internal static WebApplication MapConsole(this WebApplication app)
    {
        app.UseAuthentication();
        app.UseMiddleware<PageHeaders>();
        app.MapRazorPages().Open();
        app.MapAssets();
        app.MapLive();
        return app;
    }
}
