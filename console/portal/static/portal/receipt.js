/* The case number appears by itself as soon as somebody has read the form. */
(function () {
  "use strict";
  var tries = 0;
  function look() {
    fetch(location.href, { credentials: "same-origin" }).then(function (answer) { return answer.text(); }).then(function (html) {
      var fresh = new DOMParser().parseFromString(html, "text/html").getElementById("receipt");
      var here = document.getElementById("receipt");
      if (fresh && !fresh.hasAttribute("data-waiting")) {
        here.removeAttribute("data-waiting");
        here.querySelector(".receipt").innerHTML = fresh.querySelector(".receipt").innerHTML;
        return;
      }
      again();
    }, again);
  }
  function again() {
    tries += 1;
    if (tries < 30) setTimeout(look, Math.min(1000 * tries, 10000));
  }
  if (window.fetch && window.DOMParser) again();
})();
