/* Forms that survive a broken line: what is typed is kept on this device for a day, sending is tried again by itself,
   and pressing twice is one form. Written for Chromium 78 and iOS 13; without it the page is a plain form. */
(function () {
  "use strict";
  var DAY = 24 * 3600 * 1000;
  var PRIVATE = /^(name|email|phone|address|number|code|form|website|files)$/;
  var form = document.querySelector("form[data-form]");
  if (!form || !window.fetch || !window.FormData) return;
  var key = "huiyin:" + form.dataset.form;

  function say(text) {
    var place = form.querySelector(".status");
    if (place) place.textContent = text || "";
  }

  function boxes() {
    return Array.prototype.filter.call(form.elements, function (box) {
      return box.name && !PRIVATE.test(box.name) && box.type !== "file" && box.type !== "hidden";
    });
  }

  function keep() {
    var values = {};
    boxes().forEach(function (box) {
      if (box.type === "radio" || box.type === "checkbox") {
        if (box.checked) values[box.name] = (values[box.name] || []).concat(box.value);
      } else if (box.value) values[box.name] = [box.value];
    });
    try { localStorage.setItem(key, JSON.stringify({ at: Date.now(), values: values })); } catch (full) { /* private window */ }
  }

  function restore() {
    var kept = null;
    try { kept = JSON.parse(localStorage.getItem(key) || "null"); } catch (odd) { return; }
    var text = form.elements.text;
    if (!kept || Date.now() - kept.at > DAY || !text || text.value) return;
    boxes().forEach(function (box) {
      var given = kept.values[box.name];
      if (!given) return;
      if (box.type === "radio" || box.type === "checkbox") box.checked = given.indexOf(box.value) >= 0;
      else box.value = given[0];
    });
    if (kept.values.text) say(form.dataset.back);
  }

  function busy(on) {
    var button = form.querySelector("button[type=submit]");
    button.disabled = on;
    if (on) say(form.dataset.sending);
  }

  function show(answer) {
    return answer.text().then(function (html) {
      var fresh = new DOMParser().parseFromString(html, "text/html").querySelector("form[data-form]");
      if (!fresh) { location.reload(); return; }
      var problems = new DOMParser().parseFromString(html, "text/html").querySelector(".summary");
      form.parentNode.querySelectorAll(".summary").forEach(function (old) { old.remove(); });
      form.querySelectorAll(".error").forEach(function (old) { old.remove(); });
      form.querySelectorAll(".field").forEach(function (field, place) {
        var other = fresh.querySelectorAll(".field")[place];
        if (!other) return;
        field.className = other.className;
        other.querySelectorAll(".error").forEach(function (error) {
          var label = field.querySelector("label, legend");
          label.parentNode.insertBefore(error, label.nextSibling);
        });
      });
      form.elements.form.value = fresh.elements.form.value;
      if (problems) {
        form.parentNode.insertBefore(problems, form);
        problems.tabIndex = -1;
        problems.focus();
      }
    });
  }

  function send(body, wait) {
    return fetch(form.getAttribute("action") || location.href, { method: "POST", body: body, credentials: "same-origin" })
      .then(function (answer) {
        if (answer.redirected) {
          try { localStorage.removeItem(key); } catch (odd) { /* private window */ }
          location.href = answer.url;
          return null;
        }
        busy(false);
        say("");
        return show(answer);
      }, function () {
        say(form.dataset.offline);
        if (wait > 60000) { busy(false); return null; }
        return new Promise(function (go) { setTimeout(go, wait); }).then(function () { return send(body, wait * 2); });
      });
  }

  form.addEventListener("input", keep);
  form.addEventListener("change", keep);
  form.addEventListener("submit", function (event) {
    event.preventDefault();
    keep();
    busy(true);
    var files = window.huiyinFiles ? window.huiyinFiles.ready() : Promise.resolve();
    files.then(function () {
      say(form.dataset.sending);
      return send(new FormData(form), 2000);
    });
  });
  window.addEventListener("pageshow", function () { busy(false); });
  restore();
})();
