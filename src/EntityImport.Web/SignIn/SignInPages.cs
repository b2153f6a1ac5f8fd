using EntityImport.Web.Shared;
using Microsoft.AspNetCore.Routing;

namespace EntityImport.Web.SignIn;

/// <summary>Where people sign in. What the pages lead to, and the forms on them send, is the server's.</summary>
internal static class SignInPages
{
    public static void Map(IEndpointRouteBuilder pages)
    {
        pages.Page("GET", "/sign-in", page => page.ShowAsync<SignInScreen>());
        // The link is used up by the button alone: mail programs and chats look at what links lead to.
        pages.Page("GET", "/sign-in/link", page => page.ShowAsync<LinkScreen>());
    }
}
