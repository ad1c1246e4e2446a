using System.Text;
using System.Text.Json;
using GridServices.Contracts;
using GridServices.Hosting.Refusals;
using GridServices.Hosting.Storage;
using GridServices.Operations.Access;
using GridServices.Operations.Bulk;
using GridServices.Operations.Json;
using GridServices.Operations.Service.Storage;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.Filters;
using Microsoft.AspNetCore.Mvc.ModelBinding;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.AspNetCore.Mvc.ViewFeatures;

namespace GridServices.Operations.Service.Console;

/// <summary>A page for people who are signed in.</summary>
internal abstract class ConsolePage(PageUi ui) : PageModel
{
    internal PageUi Ui => ui;

    /// <summary>What the page shows, for who asks for JSON at the same address; null: it shows no data.</summary>
    internal virtual object? Document => null;

    /// <summary>What was wrong, by the field's name; shown at the field, and counted above the form.</summary>
    internal Dictionary<string, string> Errors { get; } = new(StringComparer.Ordinal);

    /// <summary>A table as a file: CSV, or the same as a workbook.</summary>
    /// <param name="csv">As <see cref="CsvText"/> writes it.</param>
    /// <param name="name">Of the file, without its ending.</param>
    /// <param name="asWorkbook">True: XLSX.</param>
    protected FileContentResult TableFile(string csv, string name, bool asWorkbook) => asWorkbook
        ? File(Spreadsheet.FromCsv(name, csv), Spreadsheet.MediaType, $"{name}.xlsx")
        : File(Encoding.UTF8.GetBytes(csv), "text/csv; charset=utf-8", $"{name}.csv");

    internal string? Error(string field) => Errors.GetValueOrDefault(field);

    /// <exception cref="ProblemException">404.</exception>
    internal static ProblemException CreateNotFound(string what, string id) => new(ErrorClass.NotFound, $"There is no {what} '{SafeText.Line(id)}', or you may not see it.");
}

/// <summary>What a person needs for a page; without it the page is for everybody who is signed in.</summary>
[AttributeUsage(AttributeTargets.Class)]
internal sealed class NeedsAttribute(UserPermission permission) : Attribute
{
    internal UserPermission Permission => permission;

    /// <summary>True: it must reach the tenant as a whole, because what the page shows or does is of any site.</summary>
    public bool WholeTenant { get; set; }
}

/// <summary>The page is for people who are not signed in too.</summary>
[AttributeUsage(AttributeTargets.Class)]
internal sealed class ForEverybodyAttribute : Attribute;

/// <summary>Sends people who are not signed in to the sign-in page, and refuses those who may not see a page.</summary>
internal sealed class PermissionFilter(PageUi ui, SettingsStore settings) : IAsyncAuthorizationFilter
{
    public async Task OnAuthorizationAsync(AuthorizationFilterContext context)
    {
        if (ui.User is { } user)
        {
            ui.Settings = (await settings.GetAsync(user.Tenant, context.HttpContext.RequestAborted)).Access;
        }

        if (context.ActionDescriptor is not CompiledPageActionDescriptor page || page.ModelTypeInfo!.IsDefined(typeof(ForEverybodyAttribute), inherit: true))
        {
            return;
        }

        if (ui.User is null)
        {
            context.Result = new RedirectToPageResult("/SignIn", new { back = HttpMethods.IsGet(context.HttpContext.Request.Method) ? ui.Here : null });
        }
        else if (page.ModelTypeInfo!.GetCustomAttributes(typeof(NeedsAttribute), inherit: true) is [NeedsAttribute needs]
            && !(needs.WholeTenant ? ui.May(needs.Permission, AccessTarget.Tenant) : ui.May(needs.Permission)))
        {
            context.Result = ProblemFilter.View(context.HttpContext, Problems.Create(ErrorClass.AuthzRole, ui.T["problem.notAllowed"]));
        }
    }
}

/// <summary>The same address answers JSON to who asks for it (section 7).</summary>
internal sealed class JsonFilter : IAsyncResultFilter
{
    public Task OnResultExecutionAsync(ResultExecutingContext context, ResultExecutionDelegate next)
    {
        if (context.Result is PageResult { Model: ConsolePage { Document: { } document } } && WantsJson(context.HttpContext.Request))
        {
            context.Result = new ContentResult { Content = JsonSerializer.Serialize(document, document.GetType(), OperationsJson.Options), ContentType = "application/json" };
        }

        context.HttpContext.Response.Headers.Append("Vary", "Accept, Cookie");
        return next();
    }

    internal static bool WantsJson(HttpRequest request) =>
        request.Headers.Accept.ToString() is var accept && accept.StartsWith("application/json", StringComparison.OrdinalIgnoreCase);
}

/// <summary>A refusal as a page that says what happened and what can be done.</summary>
internal sealed class ProblemFilter : IAsyncExceptionFilter
{
    public Task OnExceptionAsync(ExceptionContext context)
    {
        if (!JsonFilter.WantsJson(context.HttpContext.Request))
        {
            context.Result = context.Exception switch
            {
                ProblemException refused => View(context.HttpContext, refused.Problem),
                StoreUnavailableException away => View(context.HttpContext, Problems.Create(ErrorClass.Unavailable, away.Message)),
                _ => null,
            };
            context.ExceptionHandled = context.Result is not null;
        }

        return Task.CompletedTask;
    }

    internal static ViewResult View(HttpContext http, Problem problem) => new()
    {
        ViewName = "/Console/Pages/Shared/Problem.cshtml",
        StatusCode = problem.Status,
        ViewData = new ViewDataDictionary<Problem>(http.RequestServices.GetRequiredService<IModelMetadataProvider>(), new ModelStateDictionary()) { Model = problem },
    };
}
