namespace RunwarePS.Core.Tests;

public sealed class ImageFormatTests
{
    [Fact]
    public void The_three_formats_are_recognized_by_their_first_bytes()
    {
        ImageFormat.Detect(Pictures.Jpeg()).ShouldBe(ImageFormat.Jpeg);
        ImageFormat.Detect(Pictures.Png()).ShouldBe(ImageFormat.Png);
        ImageFormat.Detect(Pictures.Webp()).ShouldBe(ImageFormat.Webp);
    }

    [Theory]
    [InlineData("")]
    [InlineData("<html><body>Not here</body></html>")]
    [InlineData("GIF89a............")]
    [InlineData("RIFF....WAVEfmt ")]
    [InlineData("RIFF....WEB")]
    [InlineData("%PDF-1.7 and so on")]
    public void Anything_else_is_not_an_image(string text) => ImageFormat.Detect(System.Text.Encoding.Latin1.GetBytes(text)).ShouldBeNull();

    [Fact]
    public void A_beginning_that_is_cut_short_is_not_an_image()
    {
        foreach (var picture in new[] { Pictures.Jpeg()[..2], Pictures.Png()[..7], Pictures.Webp()[..11] })
        {
            ImageFormat.Detect(picture).ShouldBeNull();
        }
    }

    [Theory]
    [InlineData("a.jpg", true)]
    [InlineData("a.JPEG", true)]
    [InlineData("a.b.png", true)]
    [InlineData(".webp", true)]
    [InlineData("a.gif", false)]
    [InlineData("jpg", false)]
    [InlineData("a.jpg.d", false)]
    public void Names_of_images_are_known(string name, bool isPicture) => ImageFormat.IsImageName(name).ShouldBe(isPicture);
}
