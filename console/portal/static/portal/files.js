/* Files in pieces: photos are made smaller here first, each piece is tried until it is there, and a line that breaks
   costs one piece. Files our device cannot read (HEIC on most) go as they are. */
(function () {
  "use strict";
  var place = document.querySelector("[data-files]");
  if (!place || !window.fetch || !window.FileReader) return;
  var input = place.querySelector("input[type=file]");
  var list = place.querySelector(".files");
  var words = place.dataset;
  var running = [];
  var SIDE = 2000, SMALL = 600 * 1024;

  function headers(more) {
    var all = { "X-Form": input.form.elements.form.value };
    Object.keys(more || {}).forEach(function (name) { all[name] = more[name]; });
    return all;
  }

  function upright() {
    return window.CSS && CSS.supports && CSS.supports("image-orientation", "from-image");
  }

  function shrink(file) {
    // Some telephones name no type for a photo: its ending says what it is.
    var photo = /^image\/(jpeg|png|webp|heic|heif)$/.test(file.type) || (!file.type && /\.(jpe?g|hei[cf])$/i.test(file.name));
    if (!photo || file.size < SMALL || !upright()) return Promise.resolve(file);
    return new Promise(function (done) {
      var reader = new FileReader(), picture = new Image();
      var asItIs = function () { done(file); };
      reader.onerror = picture.onerror = asItIs;
      reader.onload = function () { picture.src = reader.result; };
      picture.onload = function () {
        var scale = Math.min(1, SIDE / Math.max(picture.naturalWidth, picture.naturalHeight));
        var canvas = document.createElement("canvas");
        canvas.width = Math.round(picture.naturalWidth * scale);
        canvas.height = Math.round(picture.naturalHeight * scale);
        canvas.getContext("2d").drawImage(picture, 0, 0, canvas.width, canvas.height);
        canvas.toBlob(function (blob) {
          if (!blob || blob.size >= file.size) return asItIs();
          blob.name = file.name.replace(/\.\w+$/, "") + ".jpg";
          done(blob);
        }, "image/jpeg", 0.82);
      };
      reader.readAsDataURL(file);
    });
  }

  function ask(url, options, wait) {
    return fetch(url, options).then(function (answer) {
      if (answer.status === 429 || (answer.status >= 500 && answer.status !== 507)) throw new Error("later");
      return answer;
    }).catch(function () {
      return new Promise(function (go) { setTimeout(go, wait); }).then(function () {
        return ask(url, options, Math.min(wait * 2, 15000));
      });
    });
  }

  function push(row, blob, url, state) {
    row.progress.value = state.at;
    if (row.gone || state.at >= blob.size) return Promise.resolve(true);
    var piece = blob.slice(state.at, state.at + state.piece);
    return ask(url, { method: "PATCH", headers: headers({ "X-At": String(state.at) }), body: piece }, 1000).then(function (answer) {
      if (answer.status !== 200 && answer.status !== 409) return false;
      return answer.json().then(function (next) { return push(row, blob, url, next); });
    });
  }

  function take(row, file) {
    return shrink(file).then(function (blob) {
      var said = { name: blob.name || file.name, type: blob.type || file.type, size: blob.size };
      row.progress.max = blob.size;
      return ask(words.url, { method: "POST", headers: headers({ "Content-Type": "application/json" }), body: JSON.stringify(said) }, 1000)
        .then(function (answer) {
          if (answer.status !== 201) return false;
          return answer.json().then(function (state) {
            row.item.dataset.id = state.id;
            return push(row, blob, words.url + state.id + "/", state);
          });
        });
    }).then(function (fine) {
      row.progress.remove();
      if (!fine) row.what.textContent += " — " + words.refused;
    });
  }

  function removable(item) {
    var button = document.createElement("button");
    button.type = "button";
    button.textContent = words.remove;
    button.setAttribute("aria-label", words.remove + " " + item.querySelector(".what").textContent);
    button.addEventListener("click", function () {
      if (item.row) item.row.gone = true;
      if (item.dataset.id) ask(words.url + item.dataset.id + "/", { method: "DELETE", headers: headers() }, 1000);
      item.remove();
      input.focus();
    });
    item.appendChild(button);
  }

  function add(file) {
    var item = document.createElement("li"), what = document.createElement("span"), progress = document.createElement("progress");
    what.className = "what";
    what.textContent = file.name + " ";
    progress.value = 0;
    progress.setAttribute("aria-label", file.name);
    what.appendChild(progress);
    item.appendChild(what);
    var row = { item: item, what: what, progress: progress, gone: false };
    item.row = row;
    removable(item);
    list.appendChild(item);
    var task = take(row, file).then(function () { running.splice(running.indexOf(task), 1); });
    running.push(task);
  }

  function ready() {
    if (!running.length) return Promise.resolve();
    var status = input.form.querySelector(".status");
    if (status) status.textContent = words.wait;
    return Promise.all(running.slice()).then(ready);
  }

  input.addEventListener("change", function () {
    Array.prototype.forEach.call(input.files, add);
    input.value = "";
  });
  window.addEventListener("offline", function () {
    var status = input.form.querySelector(".status");
    if (status && running.length) status.textContent = words.again;
  });
  list.querySelectorAll("li[data-id]").forEach(removable);
  window.huiyinFiles = { ready: ready };
})();
